#include <algorithm>

#include "server/command/context.h"
#include "server/command/observation.h"
#include "server/command/services.h"
#include "server/commands/families.h"

// What operators see of the commands that run: SLOWLOG and MONITOR.
namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kBadCount("ERR count should be greater than or equal to -1");
const CommandError kMonitorInMulti("ERR MONITOR isn't allowed for DENY BLOCKING client");

constexpr int64_t kDefaultCount = 10;

void WriteEntry(const SlowCommand& slow, resp::ReplyWriter& reply) {
  reply.Array(6);
  reply.Integer(slow.id);
  reply.Integer(absl::ToUnixSeconds(slow.began));
  reply.Integer(absl::ToInt64Microseconds(slow.took));
  reply.Array(slow.words.size());
  for (const std::string& word : slow.words) reply.Bulk(word);
  reply.Bulk(slow.address);
  reply.Bulk(slow.client_name);
}

Outcome SlowLogGet(Context& context) {
  const auto& entries = context.services.slow_log().entries();
  if (context.args.remaining() > 1) return WrongSubcommandArity(context.args.words());
  int64_t count = kDefaultCount;
  if (!context.args.done()) count = context.args.Integer(-1, INT64_MAX, kBadCount);
  if (auto error = context.args.Finish()) return *error;
  const size_t shown = count < 0 ? entries.size() : std::min(static_cast<size_t>(count), entries.size());
  context.reply.Array(shown);
  for (size_t i = 0; i < shown; ++i) WriteEntry(entries[i], context.reply);
  return Done{};
}

Outcome SlowLogLen(Context& context) {
  context.reply.Integer(static_cast<int64_t>(context.services.slow_log().entries().size()));
  return Done{};
}

Outcome SlowLogReset(Context& context) {
  context.services.slow_log().Clear();
  context.reply.Ok();
  return Done{};
}

// A second MONITOR has no reply, as in Redis.
Outcome Monitor(Context& context) {
  if (context.client.in_multi) return kMonitorInMulti;
  if (context.services.clients().Monitor(context.client)) context.reply.Ok();
  return Done{};
}

constexpr uint32_t kFlags = kAdmin | kLoading | kStale;

constexpr Command Entry(std::string_view name, std::string_view syntax, uint32_t flags,
                        std::string_view since, std::string_view complexity, std::string_view summary,
                        Handler run) {
  return {name, syntax, flags, "server", since, complexity, summary, run};
}

constexpr Command kCommands[] = {
    Entry("slowlog|get", "[count]", kFlags, "2.2.12", "O(N) where N is the number of entries returned",
          "Returns the slow log's entries.", &SlowLogGet),
    Entry("slowlog|len", "", kFlags, "2.2.12", "O(1)", "Returns the number of entries in the slow log.",
          &SlowLogLen),
    Entry("slowlog|reset", "", kFlags, "2.2.12", "O(N) where N is the number of entries in the slowlog",
          "Clears all entries from the slow log.", &SlowLogReset),
    Entry("monitor", "", kFlags | kNoScript, "1.0.0", "O(1) for each command of any client",
          "Listens for all requests received by the server in real-time.", &Monitor),
};

}  // namespace

Family SlowLogCommands() { return kCommands; }

}  // namespace holdfast::server::commands
