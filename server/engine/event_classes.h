#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/event.h"

namespace holdfast::server::engine {

// What notify-keyspace-events chooses, as bits: storage::EventClass, and by which channels they are told.
inline constexpr uint32_t kByKeyspace = 1U << 30;  // (K) __keyspace@0__:key
inline constexpr uint32_t kByEvent = 1U << 31;     // (E) __keyevent@0__:event

// "KEA" and the like, letters in any order; nullopt if one is unknown.
[[nodiscard]] std::optional<uint32_t> ParseEventChoice(std::string_view letters);
// The letters as CONFIG GET shows them.
[[nodiscard]] std::string FormatEventChoice(uint32_t choice);

// The classes worth noting: none where no channel is chosen.
[[nodiscard]] inline uint32_t ClassesOf(uint32_t choice) {
  return (choice & (kByKeyspace | kByEvent)) == 0 ? 0 : choice & ~(kByKeyspace | kByEvent);
}

}  // namespace holdfast::server::engine
