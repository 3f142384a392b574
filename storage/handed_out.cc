#include "storage/handed_out.h"

#include <bit>

#include "storage/codec.h"
#include "storage/varint.h"

namespace holdfast::storage {
namespace {

// More than a turn can hand out.
constexpr uint64_t kMostOrdinal = 1 << 24;
constexpr char kFromBits = 0x0f;
constexpr char kByValue = 0x10;   // the bytes stand here
constexpr char kSameList = 0x20;  // database, key and collection are those of the element before

bool SameList(const HandedOut& one, const HandedOut& other) {
  return one.database == other.database && one.place.collection == other.place.collection &&
         one.key == other.key;
}

std::optional<uint64_t> TakeU64(std::string_view& stored) {
  if (stored.size() < sizeof(uint64_t)) return std::nullopt;
  const uint64_t value = ReadU64(stored);
  stored.remove_prefix(sizeof(uint64_t));
  return value;
}

// False: damaged.
bool TakeList(std::string_view& stored, HandedOut& element) {
  if (stored.size() < sizeof(uint32_t)) return false;
  element.database = ReadU32(stored);
  stored.remove_prefix(sizeof(uint32_t));
  const auto key = TakeBytes(stored);
  const auto collection = key ? TakeU64(stored) : std::nullopt;
  if (!collection) return false;
  element.key = *key;
  element.place.collection = *collection;
  return true;
}

std::optional<HandedOut> TakeElement(std::string_view& stored, const HandedOut* before) {
  if (stored.empty()) return std::nullopt;
  const char head = stored.front();
  stored.remove_prefix(1);
  HandedOut element;
  element.from = static_cast<HandedOut::From>(head & kFromBits);
  if (element.from < HandedOut::From::kListFront || element.from > HandedOut::From::kSortedSet) {
    return std::nullopt;
  }
  const auto ordinal = TakeVarint(stored);
  if (!ordinal || *ordinal > kMostOrdinal) return std::nullopt;
  element.id.ordinal = *ordinal;
  if ((head & kSameList) == 0) {
    if (!TakeList(stored, element)) return std::nullopt;
  } else if (before != nullptr) {
    element.database = before->database;
    element.key = before->key;
    element.place.collection = before->place.collection;
  } else {
    return std::nullopt;
  }
  // A list's position, or a score.
  const auto number = TakeU64(stored);
  if (!number) return std::nullopt;
  if (element.from == HandedOut::From::kSortedSet) {
    element.score = std::bit_cast<double>(*number);
  } else {
    element.place.position = *number;
  }
  if ((head & kByValue) == 0) return element;
  const auto bytes = TakeBytes(stored);
  if (!bytes) return std::nullopt;
  element.bytes = *bytes;
  return element;
}

}  // namespace

std::string EncodeHandedOut(const std::vector<const HandedOut*>& elements) {
  std::string stored;
  const HandedOut* before = nullptr;
  for (const HandedOut* element : elements) {
    const bool same = before != nullptr && SameList(*before, *element);
    const char from = static_cast<char>(element->from);
    stored.push_back(static_cast<char>(from | (same ? kSameList : 0) | (element->bytes ? kByValue : 0)));
    AppendVarint(stored, element->id.ordinal);
    if (!same) {
      AppendU32(stored, element->database);
      AppendBytes(stored, element->key);
      AppendU64(stored, element->place.collection);
    }
    const bool scored = element->from == HandedOut::From::kSortedSet;
    AppendU64(stored, scored ? std::bit_cast<uint64_t>(element->score) : element->place.position);
    if (element->bytes) AppendBytes(stored, *element->bytes);
    before = element;
  }
  return stored;
}

std::vector<HandedOut> DecodeHandedOut(uint64_t turn, std::string_view stored) {
  std::vector<HandedOut> elements;
  while (auto element = TakeElement(stored, elements.empty() ? nullptr : &elements.back())) {
    element->id.turn = turn;
    elements.push_back(*std::move(element));
  }
  return elements;
}

std::string ElementKeyOf(const HandedOut::Place& place) {
  std::string key = TablePrefix(Table::kList, place.collection);
  AppendU64(key, place.position);
  return key;
}

}  // namespace holdfast::storage
