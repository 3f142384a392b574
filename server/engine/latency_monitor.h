#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/command/observation.h"
#include "server/engine/latency_histogram.h"
#include "server/engine/settings.h"

namespace holdfast::server::engine {

// What LATENCY tells: events that took long (latency-monitor-threshold), and how commands' times spread
// (latency-tracking).
class LatencyMonitor final : public command::Latency {
 public:
  LatencyMonitor(const Settings& settings, size_t table_size)
      : settings_(settings), histograms_(table_size) {}

  // A command ended.
  void Ran(const command::Table::Entry& entry, absl::Duration took, absl::Time now);
  // Something else took time; `name` is a literal.
  void Happened(std::string_view name, absl::Duration took, absl::Time now);
  // CONFIG RESETSTAT forgets the histograms, not the events.
  void ResetHistograms();
  // By Table::Entry::index; null if there is nothing.
  [[nodiscard]] const LatencyHistogram* histogram(size_t index) const { return histograms_[index].get(); }

  // command::Latency.
  [[nodiscard]] const std::vector<command::LatencyEvent>& events() const override { return events_; }
  int64_t Reset(std::span<const std::string_view> names) override;
  [[nodiscard]] std::optional<command::LatencyDistribution> Distribution(
      const command::Table::Entry& entry) const override;

 private:
  static constexpr size_t kMaxSamples = 160;

  [[nodiscard]] command::LatencyEvent& EventOf(std::string_view name);

  const Settings& settings_;
  std::vector<std::unique_ptr<LatencyHistogram>> histograms_;
  std::vector<command::LatencyEvent> events_;
};

}  // namespace holdfast::server::engine
