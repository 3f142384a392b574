#include "server/engine/script_sha.h"

#include <openssl/evp.h>

namespace holdfast::server::engine {

Sha1Digits Sha1Hex(std::string_view bytes) {
  unsigned char hash[EVP_MAX_MD_SIZE] = {};
  EVP_Digest(bytes.data(), bytes.size(), hash, nullptr, EVP_sha1(), nullptr);
  Sha1Digits digits;
  for (size_t i = 0; i < digits.size(); ++i) {
    const unsigned byte = hash[i / 2];
    digits[i] = "0123456789abcdef"[i % 2 == 0 ? byte >> 4 : byte & 15];
  }
  return digits;
}

}  // namespace holdfast::server::engine
