#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "storage/varint.h"

namespace holdfast::storage {

// The first byte of every map key: which table it belongs to. Stored; never renumber. FORMAT.md has each
// key's grammar.
enum class Table : char {
  kMeta = 'M',       // facts about the data folder
  kDatabase = 'D',   // database number -> id and counts
  kKey = 'K',        // [database id][hash of key][bounded key] -> Entry
  kList = 'L',       // [id][position] -> element
  kField = 'H',      // [id][hash][bounded field] -> value
  kFieldDue = 'V',   // [id][hash][bounded field] -> when it expires
  kDueField = 'Y',   // [id][due time][hash][bounded field] -> () or the whole field
  kMember = 'S',     // [id][hash][bounded member] -> ()
  kScore = 'Z',      // [id][hash][bounded member] -> score
  kOrder = 'O',      // [id][ordered score][member or prefix and label] -> () or reference
  kExpiry = 'X',     // [due time][database id][hash][bounded key] -> ()
  kTrash = 'T',      // what was cut off and still has elements to delete
  kLibrary = 'F',    // name of a function library -> its code
  kLoan = 'B',       // [number] -> what one turn took out and brought back (loan_book.h)
  kHandedOut = 'U',  // [number] -> what one turn handed out and nobody has confirmed (hand_over_book.h)
  // Streams; in all of them, [id] is the stream's.
  kStreamEntry = 'E',         // [id][entry's id] -> packed fields and values
  kStreamNode = 'R',          // [id][first entry's id] -> how many entries are left of a run
  kStreamGroup = 'G',         // [id][ordered name] -> group
  kStreamConsumerName = 'N',  // [id][group][ordered name] -> consumer's number
  kStreamConsumer = 'C',      // [id][group][consumer] -> consumer
  kStreamPending = 'P',       // [id][group][entry's id] -> delivery
  kStreamOwned = 'Q',         // [id][group][consumer][entry's id] -> ()
};

// Big-endian, so that byte order is number order.
void AppendU32(std::string& out, uint32_t value);
void AppendU64(std::string& out, uint64_t value);
void StoreU64(char* out, uint64_t value);                // 8 bytes
[[nodiscard]] uint32_t ReadU32(std::string_view bytes);  // needs 4 bytes
[[nodiscard]] uint64_t ReadU64(std::string_view bytes);  // needs 8 bytes

// A moment as milliseconds since 1970, in eight bytes that are in the order of moments from 1970 on. It has
// to be finite.
void AppendTime(std::string& out, absl::Time time);
[[nodiscard]] absl::Time ReadTime(std::string_view bytes);  // needs 8 bytes

// A varint (storage/varint.h, which also has TakeVarint).
void AppendVarint(std::string& out, uint64_t value);
// Length-prefixed bytes.
void AppendBytes(std::string& out, std::string_view bytes);
[[nodiscard]] std::optional<std::string_view> TakeBytes(std::string_view& bytes);

// A double as eight bytes whose byte order is the number order: -inf < ... < -0 = 0 < ... < inf. NaN is not
// allowed; -0 becomes 0.
void AppendOrderedDouble(std::string& out, double value);
[[nodiscard]] double ReadOrderedDouble(std::string_view bytes);  // needs 8 bytes

// A table key's beginning: [table][id].
[[nodiscard]] std::string TablePrefix(Table table, uint64_t id);

// The keyed hash that names are ordered by (XXH3-64); `seed` is the data folder's.
[[nodiscard]] uint64_t KeyedHash(uint64_t seed, std::string_view bytes);

// LMDB's keys end at 511 bytes; Redis's do not. Up to this length a key, field or member stands whole in the
// map's key.
inline constexpr size_t kMaxBoundedBytes = 400;

// Appends [hash of bytes][0][bytes], or for longer ones [hash of bytes][1][SHA-256 of bytes, first 16 bytes]:
// then the value must hold the whole bytes. `hash` is the data folder's keyed hash (Transaction::Hash).
// `max_whole` is lower where the whole bytes are better off in the value (long members of sorted sets).
void AppendBounded(std::string& out, uint64_t hash, std::string_view bytes,
                   size_t max_whole = kMaxBoundedBytes);
[[nodiscard]] inline bool NeedsFullBytes(std::string_view bytes) { return bytes.size() > kMaxBoundedBytes; }
// The bytes after [hash] in a bounded key: whole bytes, or nullopt if only a digest stands there. `bounded`
// begins at the hash.
[[nodiscard]] std::optional<std::string_view> BoundedBytes(std::string_view bounded);

}  // namespace holdfast::storage
