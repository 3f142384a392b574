#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/log/commit_log.h"

namespace holdfast::storage {

// The entries of table kMeta: facts about the data folder that must change together with the map.
inline constexpr std::string_view kPositionKey = "Mposition";  // [epoch, 8 bytes][sequence, 8 bytes]
inline constexpr std::string_view kHashSeedKey = "Mhashseed";  // 8 bytes; never changes

// The newest log record that the tree holds.
[[nodiscard]] std::string EncodePosition(log::Position position);
[[nodiscard]] std::optional<log::Position> DecodePosition(std::string_view stored);

}  // namespace holdfast::storage
