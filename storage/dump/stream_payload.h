#pragma once

#include <cstdint>
#include <string>

#include "storage/dump/byte_reader.h"
#include "storage/dump/texts.h"
#include "storage/dump/value.h"
#include "storage/stream.h"

namespace holdfast::storage::dump {

// A stream in a payload, with its groups of consumers. Lengths and strings are payload.h's, nodes
// stream_node.h's.
//
//   stream   := n:length (bytes16:string node:string)*n live:length last [first deleted added:length]
//               n:length group*n
//   group    := name:string last [read:length] n:length (id:16 time:8 count:length)*n n:length consumer*n
//   consumer := name:string seen:8 {active:8} n:length id:16*n
//   last, first, deleted := ms:length sequence:length
//
// What is in brackets came with Redis 7.0, what is in braces with 7.2; without them the first entry's id and
// the counts are worked out, and `active` is `seen`. `bytes16` is a node's id, as id:16 eight bytes of
// milliseconds and eight of the sequence, big-endian. `live` counts entries, `added` all there ever were,
// `deleted` is the highest id that XDEL took. Times are milliseconds since 1970, little-endian. `read` is how
// many entries the group has read, 2^64 - 1 if that is unknown. What a consumer has pending stands in its
// group's list, and there with one consumer only.
enum class StreamForm : uint8_t { kFirst, k70, k72 };

// The reader fails if it is none.
void ReadStream(StreamForm form, ByteReader& reader, Texts& texts, StreamValue& stream);

// In the form of 7.0. False if the payload would become longer than kMaxPayloadBytes (encode.h).
[[nodiscard]] bool AppendStream(std::string& out, const Stream& stream);

}  // namespace holdfast::storage::dump
