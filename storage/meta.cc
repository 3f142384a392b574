#include "storage/meta.h"

#include "storage/codec.h"

namespace holdfast::storage {

std::string EncodePosition(log::Position position) {
  std::string stored;
  AppendU64(stored, position.epoch);
  AppendU64(stored, position.sequence);
  return stored;
}

std::optional<log::Position> DecodePosition(std::string_view stored) {
  if (stored.size() != 2 * sizeof(uint64_t)) return std::nullopt;
  return log::Position{ReadU64(stored), ReadU64(stored.substr(sizeof(uint64_t)))};
}

}  // namespace holdfast::storage
