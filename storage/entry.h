#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace holdfast::storage {

// Stored; never renumber.
enum class ValueType : uint8_t { kString = 1, kList = 2, kSet = 3, kHash = 4, kSortedSet = 5, kStream = 6 };

// How the value is held. Stored; never renumber.
enum class Encoding : uint8_t {
  kInline = 1,  // the whole value inside the keyspace entry: a string's bytes, or a small collection, packed
  kElements =
      2,  // one map entry an element, under the collection's id; a collection that grew never turns back
  kIntegers = 3,  // a small set of integers only, packed and sorted (Redis's intset)
};

// What a string's past makes of the form in which Redis would hold it; only OBJECT ENCODING tells. Stored, as
// flags; never renumber.
enum class StringForm : uint8_t {
  kPlain = 0,  // its bytes tell
  kText = 8,   // not as an integer, though its bytes may be one (INCRBYFLOAT)
  kRaw = 16,   // as bytes that were changed in place, however few (APPEND, SETRANGE, SETBIT, ...)
};

// When the fields of a hash expire, in short: it tells whether one of them is due, or all are, without a look
// at them.
struct FieldDues {
  uint64_t count = 0;  // how many of its fields expire; 0: the times mean nothing
  absl::Time first;    // when the first of them is due
  absl::Time last;     // when the last of them is due
  bool operator==(const FieldDues&) const = default;
};

// The decoded keyspace entry of one key. FORMAT.md, "Keyspace entry", is the grammar.
struct Entry {
  ValueType type = ValueType::kString;
  Encoding encoding = Encoding::kInline;
  StringForm form = StringForm::kPlain;
  absl::Time expires = absl::InfiniteFuture();  // whole milliseconds since the Unix epoch, or never
  FieldDues dues;                               // hashes whose encoding is kElements: of their fields
  uint64_t id = 0;                              // kElements: the prefix of all its elements; 0 otherwise
  uint64_t count = 0;                           // elements of a collection; 1 for a string
  uint64_t bytes = 0;         // bytes of all elements (fields, members and values), for quotas
  uint64_t head = 0;          // lists: the lowest position in use (the right end, RPOP's side)
  uint64_t tail = 0;          // lists: the highest position in use (the left end, LPUSH's side)
  std::string_view value;     // kInline, kIntegers: the bytes; a view into the map
  std::string_view long_key;  // the whole key where the map's key holds only its hash; else empty

  // A hash is gone with the last of its fields.
  [[nodiscard]] bool expired(absl::Time now) const { return expires <= now || fields_expired(now); }
  [[nodiscard]] bool fields_expired(absl::Time now) const {
    return dues.count != 0 && dues.count == count && dues.last <= now;
  }
  // Whether it is so for one at least.
  [[nodiscard]] bool field_expired(absl::Time now) const { return dues.count != 0 && dues.first <= now; }
  // When there is something to delete, the key or a field: what the expiry index is ordered by.
  [[nodiscard]] absl::Time next_due() const {
    return dues.count == 0 ? expires : std::min(expires, dues.first);
  }
};

// Appends the stored form of `entry` to `out`.
void EncodeEntry(const Entry& entry, std::string& out);
// The views point into `stored`. nullopt if it is not a whole entry (a format fault, the checksum being
// right).
[[nodiscard]] std::optional<Entry> DecodeEntry(std::string_view stored);

}  // namespace holdfast::storage
