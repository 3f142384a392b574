#include "server/engine/refusals.h"

#include <numeric>
#include <utility>

#include "server/command/words.h"
#include "server/engine/quoted.h"

namespace holdfast::server::engine {
namespace {

constexpr size_t kReportedNames = 3;

std::string_view HostOf(std::string_view address) { return address.substr(0, address.rfind(':')); }

// "queue:a" (12), "queue:b" (3), others (1)
std::string TextOf(const TopCounts& counts) {
  std::string text;
  uint64_t others = counts.others();
  const auto add = [&text](std::string_view name, uint64_t count) {
    text += command::Concat({text.empty() ? "" : ", ", name, " (", std::to_string(count), ")"});
  };
  for (const TopCounts::Count& count : counts.Largest(SIZE_MAX)) others += count.count;
  for (const TopCounts::Count& count : counts.Largest(kReportedNames)) {
    add(Quoted(count.name), count.count);
    others -= count.count;
  }
  if (others > 0) add("others", others);
  return text;
}

}  // namespace

std::string_view NameOf(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kDiskFull:
      return "disk_full";
    case RefusalReason::kQueueLimit:
      return "queue_limit";
    case RefusalReason::kNoLogSpace:
      return "no_log_space";
    case RefusalReason::kSealed:
      return "sealed";
  }
  return "unknown";
}

void Refusals::Note(std::string_view command, std::string_view key, command::Client& client,
                    RefusalReason reason) {
  ++client.refused;
  ++by_reason_[static_cast<size_t>(reason)];
  commands_.Add(command);
  if (!key.empty()) queues_.Add(key);
  clients_.Add(HostOf(client.address));
  ++unreported_;
  unreported_commands_.Add(command);
  if (!key.empty()) unreported_queues_.Add(key);
  unreported_clients_.Add(HostOf(client.address));
}

uint64_t Refusals::total() const {
  return std::accumulate(by_reason_.begin(), by_reason_.end(), uint64_t{0});
}

std::string Refusals::TakeReport() {
  const uint64_t count = std::exchange(unreported_, 0);
  if (count == 0) return {};
  const std::string queues = TextOf(unreported_queues_);
  std::string line =
      command::Concat({"refused ", std::to_string(count),
                       count == 1 ? " command: " : " commands: ", TextOf(unreported_commands_),
                       queues.empty() ? "" : " to ", queues, " from ", TextOf(unreported_clients_)});
  unreported_commands_.Clear();
  unreported_queues_.Clear();
  unreported_clients_.Clear();
  return line;
}

void Refusals::Reset() {
  by_reason_ = {};
  commands_.Clear();
  queues_.Clear();
  clients_.Clear();
}

}  // namespace holdfast::server::engine
