#include "server/engine/latency_monitor.h"

#include <algorithm>

#include "server/command/words.h"

namespace holdfast::server::engine {

using command::LatencyEvent;

void LatencyMonitor::Ran(const command::Table::Entry& entry, absl::Duration took, absl::Time now) {
  if (settings_.latency_tracking()) {
    std::unique_ptr<LatencyHistogram>& histogram = histograms_[entry.index];
    if (histogram == nullptr) histogram = std::make_unique<LatencyHistogram>();
    histogram->Add(took);
  }
  Happened(entry.has(command::kFast) ? "fast-command" : "command", took, now);
}

void LatencyMonitor::Happened(std::string_view name, absl::Duration took, absl::Time now) {
  if (took < settings_.latency_threshold()) return;
  const int64_t milliseconds = absl::ToInt64Milliseconds(took);
  const int64_t second = absl::ToUnixSeconds(now);
  LatencyEvent& event = EventOf(name);
  event.worst = std::max(event.worst, milliseconds);
  if (!event.samples.empty() && event.samples.back().unix_seconds == second) {
    event.samples.back().milliseconds = std::max(event.samples.back().milliseconds, milliseconds);
    return;
  }
  event.samples.push_back({second, milliseconds});
  if (event.samples.size() > kMaxSamples) event.samples.pop_front();
}

LatencyEvent& LatencyMonitor::EventOf(std::string_view name) {
  const auto found = std::find_if(events_.begin(), events_.end(),
                                  [&](const LatencyEvent& event) { return event.name == name; });
  return found != events_.end() ? *found : events_.emplace_back(LatencyEvent{name, {}, 0});
}

void LatencyMonitor::ResetHistograms() {
  for (auto& histogram : histograms_) histogram = nullptr;
}

int64_t LatencyMonitor::Reset(std::span<const std::string_view> names) {
  return static_cast<int64_t>(std::erase_if(events_, [&](const LatencyEvent& event) {
    return names.empty() || std::find(names.begin(), names.end(), event.name) != names.end();
  }));
}

std::optional<command::LatencyDistribution> LatencyMonitor::Distribution(
    const command::Table::Entry& entry) const {
  const LatencyHistogram* histogram = histograms_[entry.index].get();
  if (histogram == nullptr) return std::nullopt;
  return command::LatencyDistribution{histogram->calls(), histogram->AtMost()};
}

}  // namespace holdfast::server::engine
