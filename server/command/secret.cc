#include "server/command/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>

#include "server/command/words.h"

namespace holdfast::server::command {

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, 32> hash = {};
  EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
  return Hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace holdfast::server::command
