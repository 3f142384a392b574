#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resp/limits.h"
#include "server/command/services.h"
#include "server/engine/parameters.h"
#include "storage/packed.h"
#include "storage/quota.h"

namespace holdfast::server::engine {

// The values of all parameters: presets, then the configuration file, then the command line, then CONFIG SET.
// Used by the engine's thread once it runs.
//
// What is read often stands in typed fields, kept up to date; everything else is asked for by name.
class Settings : public command::Settings {
 public:
  // When a client whose replies pile up is closed: client-output-buffer-limit. 0: no limit.
  struct BufferLimit {
    uint64_t hard_bytes = 0;
    uint64_t soft_bytes = 0;
    absl::Duration soft_time;
  };

  Settings();

  // Sets one parameter before the start, from the file or the command line. Returns why it is refused; empty
  // if not.
  std::string Configure(std::string_view name, std::string_view value);
  // A `user` line of the configuration file: the name, then the rules.
  void AddUserLine(std::vector<std::string> words) { user_lines_.push_back(std::move(words)); }
  [[nodiscard]] const std::vector<std::vector<std::string>>& user_lines() const { return user_lines_; }

  // `list` tells the users of now, "user worker on ..." each, until `owner` is forgotten.
  void ListUsersBy(const void* owner, std::function<std::vector<std::string>()> list) {
    user_list_ = {owner, std::move(list)};
  }
  // Nullopt if nobody knows them.
  [[nodiscard]] std::optional<std::vector<std::string>> UsersNow() const;

  // `listener` is called after each CONFIG SET, until `owner` is forgotten.
  void OnChange(const void* owner, std::function<void()> listener) {
    listeners_.emplace_back(owner, std::move(listener));
  }
  void Forget(const void* owner);

  // Asked with the new values in place, before a CONFIG SET of parameters that begin with `prefix` takes
  // effect: puts them to use, or returns why it cannot. Then all values are as before, and it is asked once
  // more, to put these to use again. Of several for a parameter the one with the longest prefix is asked.
  void SetApplier(std::string prefix, std::function<std::string()> applier) {
    appliers_[std::move(prefix)] = std::move(applier);
  }

  // CONFIG GET answers what `fact` says instead of what was set: for what others know by this name.
  void SetFact(std::string_view name, std::function<std::string()> fact);

  [[nodiscard]] std::vector<Pair> Get(std::span<const std::string_view> patterns) const override;
  std::optional<command::CommandError> Set(std::span<const std::string_view> names_and_values) override;
  // What CONFIG REWRITE does; it returns why it failed, empty if it did not. Without it there is no file.
  void OnRewrite(std::function<std::string()> rewrite) { rewrite_ = std::move(rewrite); }
  std::optional<command::CommandError> Rewrite() override;

  // By the parameter's name, which must exist.
  [[nodiscard]] const std::string& Text(std::string_view name) const;
  [[nodiscard]] int64_t Integer(std::string_view name) const;
  [[nodiscard]] bool Flag(std::string_view name) const { return Text(name) == "yes"; }

  [[nodiscard]] const resp::RequestLimits& request_limits() const { return request_limits_; }
  [[nodiscard]] const storage::InlineLimits& inline_limits() const { return inline_limits_; }
  [[nodiscard]] const BufferLimit& normal_buffers() const { return normal_buffers_; }
  // What counts as slow; infinite: nothing does (slowlog-log-slower-than, latency-monitor-threshold).
  [[nodiscard]] absl::Duration slow_threshold() const { return slow_threshold_; }
  [[nodiscard]] absl::Duration latency_threshold() const { return latency_threshold_; }
  [[nodiscard]] bool latency_tracking() const { return latency_tracking_; }
  // notify-keyspace-events, as bits (event_classes.h).
  [[nodiscard]] uint32_t event_choice() const { return event_choice_; }
  // maxdisk and the levels (disk-*-percent).
  [[nodiscard]] const storage::QuotaOptions& quota() const { return quota_; }
  // Zero: producers are not slowed.
  [[nodiscard]] uint64_t bookkeeping_percent() const { return bookkeeping_percent_; }
  [[nodiscard]] bool hand_over() const { return hand_over_; }
  [[nodiscard]] absl::Duration producer_delay() const { return producer_delay_; }
  [[nodiscard]] const BufferLimit& pubsub_buffers() const { return pubsub_buffers_; }

 private:
  // What CONFIG GET shows.
  [[nodiscard]] std::string Shown(std::string_view name) const;
  // Why CONFIG SET refuses it whatever the value; empty if it does not.
  [[nodiscard]] std::string_view WhyFixed(const Parameter& parameter) const;
  // Brings the typed fields up to date.
  void Apply();
  using Applier = std::function<std::string()>;

  // Null if there is none.
  [[nodiscard]] const Applier* ApplierOf(std::string_view name) const;
  // Asks the appliers of these, each once. What the first one that refuses says; the others are not asked.
  [[nodiscard]] std::optional<command::CommandError> PutToUse(
      std::span<const std::string_view> names_and_values) const;

  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::vector<std::string>> user_lines_;
  std::pair<const void*, std::function<std::vector<std::string>()>> user_list_;
  std::vector<std::pair<const void*, std::function<void()>>> listeners_;
  std::map<std::string, std::function<std::string()>, std::less<>> facts_;
  std::map<std::string, Applier, std::less<>> appliers_;  // by prefix

  resp::RequestLimits request_limits_;
  storage::InlineLimits inline_limits_;
  uint32_t event_choice_ = 0;
  storage::QuotaOptions quota_;
  bool hand_over_ = true;
  absl::Duration producer_delay_;
  uint64_t bookkeeping_percent_ = 0;
  absl::Duration slow_threshold_;
  absl::Duration latency_threshold_;
  bool latency_tracking_ = true;
  std::function<std::string()> rewrite_;
  BufferLimit normal_buffers_;
  BufferLimit pubsub_buffers_;
};

}  // namespace holdfast::server::engine
