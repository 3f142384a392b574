#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/entry.h"
#include "storage/sorted_set_walk.h"
#include "storage/stream.h"
#include "storage/stream_id.h"

namespace holdfast::storage::dump {

// What the first byte of a payload's body says of the rest: the type, and how it is packed. Those marked w
// are what encode.h writes, which Redis 7.0 reads; all of them are read.
//
//   body := 00 string                                        w   string
//         | 01 n:length element*n                                list: its elements as strings
//         | 02 n:length member*n                             w   set
//         | 03 n:length (member score)*n                         sorted set; a score is FD NaN, FE inf, FF
//         -inf,
//                                                                or so many bytes of digits
//         | 04 n:length (field value)*n                      w   hash
//         | 05 n:length (member score:8)*n                   w   sorted set; an IEEE double, little-endian
//         | 09 zipmap                                            hash; from here on, every form is one string
//         | 0A ziplist                                           list
//         | 0B intset                                        w   set
//         | 0C ziplist                                           sorted set: member, score ...
//         | 0D ziplist                                           hash: field, value ...
//         | 0E n:length ziplist*n                                list: its nodes, from the left
//         | 0F stream                                            stream (stream_payload.h)
//         | 10 listpack                                      w   hash: field, value ...
//         | 11 listpack                                      w   sorted set: member, score ...
//         | 12 n:length (1 element | 2 listpack)*n           w   list: its nodes; the marks are lengths
//         | 13 stream                                        w   stream, since 7.0
//         | 14 listpack                                          set, since 7.2
//         | 15 stream                                            stream, since 7.2
//
// 06 and 07 are modules'. 7.4 adds 18 and 19 (hexadecimal as all here), hashes with fields that expire: they
// belong here once the times of fields are to move along; so far a field is dumped without. An element stands
// in a collection once; no collection is empty, but a stream may be.
enum class Form : uint8_t {
  kString = 0x00,
  kList = 0x01,
  kSet = 0x02,
  kSortedSetDigits = 0x03,
  kHash = 0x04,
  kSortedSet = 0x05,
  kHashZipmap = 0x09,
  kListZiplist = 0x0A,
  kSetIntset = 0x0B,
  kSortedSetZiplist = 0x0C,
  kHashZiplist = 0x0D,
  kListOfZiplists = 0x0E,
  kStream = 0x0F,
  kHashListpack = 0x10,
  kSortedSetListpack = 0x11,
  kListOfNodes = 0x12,
  kStream70 = 0x13,
  kSetListpack = 0x14,
  kStream72 = 0x15,
};

// What stands before each node of kListOfNodes.
inline constexpr uint64_t kNodeOfElement = 1;
inline constexpr uint64_t kNodeOfListpack = 2;

// A stream's parts, as a payload has them (stream_payload.h).
struct StreamValue {
  struct Pending {
    StreamId id;
    int64_t time = 0;  // milliseconds since 1970
    uint64_t count = 0;
    size_t consumer = 0;  // in Group::consumers
  };
  struct Consumer {
    std::string_view name;
    int64_t seen = 0;  // milliseconds since 1970
    int64_t active = 0;
  };
  struct Group {
    std::string_view name;
    StreamId last;
    std::optional<uint64_t> entries_read{};
    std::vector<Consumer> consumers{};
    std::vector<Pending> pending{};  // by id
  };

  std::vector<std::vector<StreamEntry>> nodes;  // ids ascend
  StreamId last;
  StreamId max_deleted;
  uint64_t added = 0;
  // Of a form that did not have what follows from the others: entries_read is to be worked out.
  bool without_counts = false;
  std::vector<Group> groups;
};

// A value as a payload has it, apart from any store. Views live as long as the payload and the Texts that it
// was read with.
struct Value {
  ValueType type = ValueType::kString;
  std::vector<std::string_view> words;  // a string; a list's elements; a set's members; field, value ...
  std::vector<ScoredMember> members;    // of a sorted set
  StreamValue stream;
};

}  // namespace holdfast::storage::dump
