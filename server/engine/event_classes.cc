#include "server/engine/event_classes.h"

#include <utility>

namespace holdfast::server::engine {
namespace {

using storage::EventClass;

constexpr std::pair<char, EventClass> kClasses[] = {
    {'g', EventClass::kGeneric}, {'$', EventClass::kString},  {'l', EventClass::kList},
    {'s', EventClass::kSet},     {'h', EventClass::kHash},    {'z', EventClass::kSortedSet},
    {'x', EventClass::kExpired}, {'e', EventClass::kEvicted}, {'t', EventClass::kStream},
    {'d', EventClass::kModule},
};

// Those that "A" does not stand for.
constexpr std::pair<char, uint32_t> kOthers[] = {
    {'n', static_cast<uint32_t>(EventClass::kNew)},
    {'K', kByKeyspace},
    {'E', kByEvent},
    {'m', static_cast<uint32_t>(EventClass::kMissed)},
};

constexpr uint32_t AllClasses() {
  uint32_t all = 0;
  for (const auto& [letter, kind] : kClasses) all |= static_cast<uint32_t>(kind);
  return all;
}

uint32_t BitsOf(char letter) {
  if (letter == 'A') return AllClasses();
  for (const auto& [known, kind] : kClasses) {
    if (known == letter) return static_cast<uint32_t>(kind);
  }
  for (const auto& [known, bits] : kOthers) {
    if (known == letter) return bits;
  }
  return 0;
}

}  // namespace

std::optional<uint32_t> ParseEventChoice(std::string_view letters) {
  uint32_t choice = 0;
  for (const char letter : letters) {
    const uint32_t bits = BitsOf(letter);
    if (bits == 0) return std::nullopt;
    choice |= bits;
  }
  return choice;
}

std::string FormatEventChoice(uint32_t choice) {
  std::string letters;
  if ((choice & AllClasses()) == AllClasses()) {
    letters = "A";
  } else {
    for (const auto& [letter, kind] : kClasses) {
      if ((choice & static_cast<uint32_t>(kind)) != 0) letters += letter;
    }
  }
  for (const auto& [letter, bits] : kOthers) {
    if ((choice & bits) != 0) letters += letter;
  }
  return letters;
}

}  // namespace holdfast::server::engine
