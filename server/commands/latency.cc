#include <algorithm>
#include <string>

#include "server/command/context.h"
#include "server/command/observation.h"
#include "server/command/services.h"
#include "server/command/table.h"
#include "server/command/words.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

constexpr size_t kGraphColumns = 80;
constexpr size_t kGraphRows = 4;

// As Redis says it.
constexpr std::string_view kMonitoringIsOff =
    "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use "
    "\"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep "
    "space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n";
constexpr std::string_view kNoSpikes =
    "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest "
    "bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n";

Outcome Latest(Context& context) {
  const auto& events = context.services.latency().events();
  context.reply.Array(events.size());
  for (const LatencyEvent& event : events) {
    context.reply.Array(4);
    context.reply.Bulk(event.name);
    context.reply.Integer(event.samples.back().unix_seconds);
    context.reply.Integer(event.samples.back().milliseconds);
    context.reply.Integer(event.worst);
  }
  return Done{};
}

const LatencyEvent* Find(Context& context, std::string_view name) {
  const auto& events = context.services.latency().events();
  const auto found = std::find_if(events.begin(), events.end(),
                                  [&](const LatencyEvent& event) { return event.name == name; });
  return found == events.end() ? nullptr : &*found;
}

Outcome History(Context& context) {
  const LatencyEvent* event = Find(context, context.args.Bytes());
  context.reply.Array(event == nullptr ? 0 : event->samples.size());
  if (event == nullptr) return Done{};
  for (const LatencySample& sample : event->samples) {
    context.reply.Array(2);
    context.reply.Integer(sample.unix_seconds);
    context.reply.Integer(sample.milliseconds);
  }
  return Done{};
}

Outcome Reset(Context& context) {
  context.reply.Integer(context.services.latency().Reset(context.args.Rest()));
  return Done{};
}

struct Measured {
  std::string_view name;
  LatencyDistribution distribution;
};

void Measure(Context& context, const Table::Entry& entry, std::vector<Measured>& measured) {
  auto distribution = context.services.latency().Distribution(entry);
  if (distribution) measured.push_back({entry.command->name, std::move(*distribution)});
  for (const Table::Entry* subcommand : entry.subcommands) Measure(context, *subcommand, measured);
}

Outcome Histogram(Context& context) {
  const Table& table = context.services.table();
  std::vector<Measured> measured;
  const auto names = context.args.Rest();
  if (names.empty()) {
    for (const Table::Entry* entry : table.commands()) Measure(context, *entry, measured);
  }
  for (const std::string_view name : names) {
    if (const Table::Entry* entry = table.Lookup(name)) Measure(context, *entry, measured);
  }
  context.reply.Map(measured.size());
  for (const auto& [name, distribution] : measured) {
    context.reply.Bulk(name);
    context.reply.Map(2);
    context.reply.Bulk("calls");
    context.reply.Integer(static_cast<int64_t>(distribution.calls));
    context.reply.Bulk("histogram_usec");
    context.reply.Map(distribution.at_most.size());
    for (const auto& [microseconds, calls] : distribution.at_most) {
      context.reply.Integer(static_cast<int64_t>(microseconds));
      context.reply.Integer(static_cast<int64_t>(calls));
    }
  }
  return Done{};
}

// The newest samples as bars, and under each how long ago it was.
std::string Graph(const LatencyEvent& event, int64_t now) {
  const size_t shown = std::min(event.samples.size(), kGraphColumns);
  const auto first = event.samples.end() - static_cast<std::ptrdiff_t>(shown);
  int64_t low = first->milliseconds;
  int64_t high = low;
  for (auto sample = first; sample != event.samples.end(); ++sample) {
    low = std::min(low, sample->milliseconds);
    high = std::max(high, sample->milliseconds);
  }
  std::string text = Concat({event.name, " - high ", std::to_string(high), " ms, low ", std::to_string(low),
                             " ms (all time high ", std::to_string(event.worst), " ms)\n"});
  text.append(kGraphColumns, '-').append("\n");
  const int64_t span = std::max<int64_t>(high - low, 1);
  for (size_t row = kGraphRows; row > 0; --row) {
    for (auto sample = first; sample != event.samples.end(); ++sample) {
      const auto height = (sample->milliseconds - low) * static_cast<int64_t>(kGraphRows - 1) / span + 1;
      text += height == static_cast<int64_t>(row) ? '#' : height > static_cast<int64_t>(row) ? '|' : ' ';
    }
    text += '\n';
  }
  text += "\nThe newest is " + std::to_string(std::max<int64_t>(now - event.samples.back().unix_seconds, 0)) +
          " seconds old.\n";
  return text;
}

Outcome DrawGraph(Context& context) {
  const std::string_view name = context.args.Bytes();
  const LatencyEvent* event = Find(context, name);
  if (event == nullptr)
    return CommandError(Concat({"ERR No samples available for event '", command::UpToZero(name), "'"}));
  context.reply.Verbatim("txt", Graph(*event, absl::ToUnixSeconds(context.now())));
  return Done{};
}

std::string Diagnosis(Context& context) {
  const std::string_view names[] = {"latency-monitor-threshold"};
  const auto settings = context.services.settings().Get(names);
  if (!settings.empty() && settings.front().second == "0") {
    return std::string(kMonitoringIsOff);
  }
  const auto& events = context.services.latency().events();
  if (events.empty()) return std::string(kNoSpikes);
  std::string text = "Events that took at least the threshold:\n\n";
  for (const LatencyEvent& event : events) {
    int64_t sum = 0;
    for (const LatencySample& sample : event.samples) sum += sample.milliseconds;
    text += Concat({"- ", event.name, ": ", std::to_string(event.samples.size()), " samples, average ",
                    std::to_string(sum / static_cast<int64_t>(event.samples.size())), " ms, worst ",
                    std::to_string(event.worst), " ms\n"});
  }
  return text + "\nSLOWLOG GET names the commands that took long.\n";
}

Outcome Doctor(Context& context) {
  context.reply.Verbatim("txt", Diagnosis(context));
  return Done{};
}

constexpr uint32_t kFlags = kAdmin | kNoScript | kLoading | kStale;

constexpr Command Entry(std::string_view name, std::string_view syntax, std::string_view since,
                        std::string_view complexity, std::string_view summary, Handler run) {
  return {name, syntax, kFlags, "server", since, complexity, summary, run};
}

constexpr Command kCommands[] = {
    Entry("latency|latest", "", "2.8.13", "O(1)", "Returns the latest latency samples for all events.",
          &Latest),
    Entry("latency|history", "event", "2.8.13", "O(1)", "Returns timestamp-latency samples for an event.",
          &History),
    Entry("latency|reset", "[event [event ...]]", "2.8.13", "O(1)",
          "Resets the latency data for one or more events.", &Reset),
    Entry("latency|histogram", "[command [command ...]]", "7.0.0",
          "O(N) where N is the number of commands with latency information being retrieved.",
          "Returns the cumulative distribution of latencies of a subset or all commands.", &Histogram),
    Entry("latency|graph", "event", "2.8.13", "O(1)", "Returns a latency graph for an event.", &DrawGraph),
    Entry("latency|doctor", "", "2.8.13", "O(1)", "Returns a human-readable latency analysis report.",
          &Doctor),
};

}  // namespace

Family LatencyCommands() { return kCommands; }

}  // namespace holdfast::server::commands
