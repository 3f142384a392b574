#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "resp/reply_writer.h"
#include "server/command/args.h"
#include "server/command/context.h"
#include "server/command/errors.h"
#include "storage/stream_group.h"

// What the stream commands have in common: how ids are read, how entries are written.
namespace holdfast::server::commands {

extern const command::CommandError kInvalidStreamId;

// An id as a client wrote it.
struct StreamIdWord {
  storage::StreamId id;
  bool open_sequence = false;  // "5-*": the sequence is the server's to choose
};

// Which forms an id may have beside "5-1" and "5" (whose sequence is `missing_sequence`).
struct StreamIdForms {
  uint64_t missing_sequence = 0;
  bool ends = false;           // "-" and "+" for the lowest and the highest
  bool open_sequence = false;  // "5-*"
};

// Nullopt if it is no id. https://redis.io/docs/data-types/streams/#entry-ids
[[nodiscard]] std::optional<StreamIdWord> ParseStreamId(std::string_view word, const StreamIdForms& forms);

// The next word as an id without special forms; sticks kInvalidStreamId.
storage::StreamId ReadStreamIdWord(command::Args& args);
// The next word as the start or the end of a range: "-", "+", "5", "5-1", "(5-1".
storage::StreamId ReadRangeStart(command::Args& args);
storage::StreamId ReadRangeEnd(command::Args& args);

[[nodiscard]] std::string StreamIdText(const storage::StreamId& id);
void WriteStreamId(resp::ReplyWriter& reply, const storage::StreamId& id);
// [id, [field, value ...]]
void WriteStreamEntry(resp::ReplyWriter& reply, const storage::StreamEntry& entry);
// The entries of a range as an array (Stream::Visit); how many.
uint64_t WriteStreamEntries(resp::ReplyWriter& reply, const storage::Stream& stream,
                            const storage::StreamRange& range, storage::Direction direction, uint64_t limit);

// The event of a consumer that came into being.
inline constexpr std::string_view kConsumerCreated = "xgroup-createconsumer";
// The consumer that asks for something; created if the group does not know it.
storage::StreamConsumer& SeenConsumer(command::Context& context, std::string_view key,
                                      storage::StreamGroup& group, std::string_view name);

// Milliseconds since 1970.
[[nodiscard]] int64_t NowInMs(const command::Context& context);
[[nodiscard]] command::CommandError NoSuchStreamGroup(std::string_view group, std::string_view key);

}  // namespace holdfast::server::commands
