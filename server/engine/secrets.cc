#include "server/engine/secrets.h"

#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

constexpr std::string_view kRedacted = "(redacted)";

bool HasSecrets(resp::Request words) {
  return command::EqualsIgnoreCase(words[0], "auth") || command::EqualsIgnoreCase(words[0], "hello");
}

}  // namespace

std::vector<std::string_view> WithoutSecrets(resp::Request words) {
  std::vector<std::string_view> visible(words.begin(), words.end());
  if (!HasSecrets(words)) return visible;
  for (size_t i = 0; i < visible.size(); ++i) {
    if (!command::EqualsIgnoreCase(words[i], "auth")) continue;
    for (int secrets = 0; secrets < 2 && i + 1 < visible.size(); ++secrets) visible[++i] = kRedacted;
  }
  return visible;
}

}  // namespace holdfast::server::engine
