#pragma once

#include <string_view>

#include "storage/entry.h"

namespace holdfast::server::command {

// What TYPE answers and SCAN's TYPE takes; an absent key is of type "none".
[[nodiscard]] constexpr std::string_view TypeName(storage::ValueType type) {
  switch (type) {
    case storage::ValueType::kString:
      return "string";
    case storage::ValueType::kList:
      return "list";
    case storage::ValueType::kSet:
      return "set";
    case storage::ValueType::kHash:
      return "hash";
    case storage::ValueType::kSortedSet:
      return "zset";
    case storage::ValueType::kStream:
      return "stream";
  }
  return "none";
}

}  // namespace holdfast::server::command
