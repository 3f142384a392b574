#include "server/engine/secrets.h"

#include <algorithm>

#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

using command::EqualsIgnoreCase;

constexpr std::string_view kRedacted = "(redacted)";

constexpr std::string_view kSecretParameters[] = {"masterauth", "masteruser", "requirepass",
                                                  "tls-client-key-file-pass", "tls-key-file-pass"};

bool Begins(resp::Request words, std::string_view first, std::string_view second) {
  return words.size() > 2 && EqualsIgnoreCase(words[0], first) && EqualsIgnoreCase(words[1], second);
}

bool IsSecret(std::string_view parameter) {
  return std::any_of(std::begin(kSecretParameters), std::end(kSecretParameters),
                     [parameter](std::string_view secret) { return EqualsIgnoreCase(parameter, secret); });
}

// MIGRATE's options; as in Redis, what stands behind one that is none is shown.
void HideMigrationSecrets(resp::Request words, std::vector<std::string_view>& visible) {
  constexpr size_t kFirstOption = 6;
  for (size_t i = kFirstOption; i < words.size(); ++i) {
    const size_t secrets = EqualsIgnoreCase(words[i], "auth2")  ? 2
                           : EqualsIgnoreCase(words[i], "auth") ? 1
                                                                : 0;
    const bool plain = EqualsIgnoreCase(words[i], "copy") || EqualsIgnoreCase(words[i], "replace");
    if (i + secrets >= words.size() || (secrets == 0 && !plain)) return;
    for (size_t secret = 0; secret < secrets; ++secret) visible[++i] = kRedacted;
  }
}

}  // namespace

std::vector<std::string_view> WithoutSecrets(resp::Request words) {
  std::vector<std::string_view> visible(words.begin(), words.end());
  if (Begins(words, "acl", "setuser")) {
    std::fill(visible.begin() + 2, visible.end(), kRedacted);
  } else if (Begins(words, "config", "set")) {
    for (size_t i = 3; i < words.size(); i += 2) {
      if (IsSecret(words[i - 1])) visible[i] = kRedacted;
    }
  } else if (EqualsIgnoreCase(words[0], "migrate")) {
    HideMigrationSecrets(words, visible);
  } else if (EqualsIgnoreCase(words[0], "auth") || EqualsIgnoreCase(words[0], "hello")) {
    for (size_t i = 0; i < visible.size(); ++i) {
      if (!EqualsIgnoreCase(words[i], "auth")) continue;
      for (int secrets = 0; secrets < 2 && i + 1 < visible.size(); ++secrets) visible[++i] = kRedacted;
    }
  }
  return visible;
}

}  // namespace holdfast::server::engine
