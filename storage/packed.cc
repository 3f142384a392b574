#include "storage/packed.h"

#include "storage/codec.h"

namespace holdfast::storage {

std::vector<std::string_view> Unpack(std::string_view packed) {
  std::vector<std::string_view> items;
  while (!packed.empty()) {
    const std::optional<std::string_view> item = TakeBytes(packed);
    if (!item) break;
    items.push_back(*item);
  }
  return items;
}

std::string Pack(const std::vector<std::string_view>& items) {
  std::string packed;
  for (std::string_view item : items) AppendBytes(packed, item);
  return packed;
}

}  // namespace holdfast::storage
