#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::storage {

// A popped element while nobody knows yet whether its receiver has it: what is needed to put it back.
struct HandedOut {
  // Stored; never renumber.
  enum class From : uint8_t { kListFront = 1, kListBack = 2, kSortedSet = 3 };
  // Which one it is: the turn that handed it out (as HandOverBook counts), and how many were before it.
  struct Id {
    uint64_t turn = 0;
    uint64_t ordinal = 0;

    friend auto operator<=>(const Id&, const Id&) = default;  // NOLINT(modernize-use-nullptr)
  };
  // Where in a list it stood: [collection][position] of table L.
  struct Place {
    uint64_t collection = 0;
    uint64_t position = 0;

    friend auto operator<=>(const Place&, const Place&) = default;  // NOLINT(modernize-use-nullptr)
  };

  Id id;
  Place place;  // of a list's
  From from = From::kListBack;
  uint32_t database = 0;  // its id: a flushed database gets nothing back
  std::string key;
  double score = 0;
  std::optional<std::string> bytes;  // nullopt: they still stand at `place`
};

// What one turn handed out, as an entry of table U holds it (FORMAT.md, Hand-over): all but id.turn, which is
// the entry's key.
[[nodiscard]] std::string EncodeHandedOut(const std::vector<const HandedOut*>& elements);
// As far as it can be read.
[[nodiscard]] std::vector<HandedOut> DecodeHandedOut(uint64_t turn, std::string_view stored);
// The map key of what stands in a list there.
[[nodiscard]] std::string ElementKeyOf(const HandedOut::Place& place);

}  // namespace holdfast::storage
