#include "server/engine/settings.h"

#include <utility>

#include "resp/number.h"
#include "server/command/glob.h"
#include "server/command/words.h"
#include "server/engine/event_classes.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Concat;

CommandError Refusal(std::string_view name, std::string_view why) {
  return CommandError(Concat({"ERR CONFIG SET failed (possibly related to argument '", name, "') - ", why}));
}

// The limits of one class out of "normal 0 0 0 slave ... pubsub ...".
Settings::BufferLimit BuffersOf(std::string_view text, std::string_view name) {
  Settings::BufferLimit limit;
  const size_t at = text.find(name);
  if (at == std::string_view::npos) return limit;
  text.remove_prefix(at + name.size() + 1);
  int64_t numbers[3] = {};
  for (int64_t& number : numbers) {
    const std::string_view word = text.substr(0, text.find(' '));
    number = resp::ParseInteger(word).value_or(0);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  limit.hard_bytes = static_cast<uint64_t>(numbers[0]);
  limit.soft_bytes = static_cast<uint64_t>(numbers[1]);
  limit.soft_time = absl::Seconds(numbers[2]);
  return limit;
}

}  // namespace

Settings::Settings() {
  for (const Parameter& parameter : AllParameters()) values_.emplace(parameter.name, parameter.preset);
  Apply();
}

std::string Settings::Configure(std::string_view name, std::string_view value) {
  const Parameter* parameter = FindParameter(name);
  if (parameter == nullptr) {
    const Parameter* nearest = NearestParameter(name);
    std::string hint = nearest == nullptr ? "" : Concat({"; did you mean '", nearest->name, "'?"});
    return Concat({"unknown directive '", name, "'", hint});
  }
  Normalized normalized = Normalize(*parameter, value, Text(parameter->name));
  if (!normalized.refusal.empty()) {
    return Concat({"wrong value '", value, "' for '", parameter->name, "': ", normalized.refusal});
  }
  values_.find(parameter->name)->second = std::move(normalized.text);
  Apply();
  return {};
}

std::vector<Settings::Pair> Settings::Get(std::span<const std::string_view> patterns) const {
  std::vector<Pair> found;
  for (const auto& [name, value] : values_) {
    for (std::string_view pattern : patterns) {
      if (!command::GlobMatchesIgnoreCase(pattern, name)) continue;
      found.emplace_back(name, value);
      break;
    }
  }
  // An older name is answered by the name it was asked by.
  for (std::string_view pattern : patterns) {
    const Parameter* parameter = FindParameter(pattern);
    if (parameter == nullptr || command::EqualsIgnoreCase(parameter->name, pattern)) continue;
    found.emplace_back(command::Lower(pattern), Text(parameter->name));
  }
  return found;
}

std::optional<CommandError> Settings::Set(std::span<const std::string_view> names_and_values) {
  std::map<std::string_view, std::string> changes;
  for (size_t i = 0; i + 1 < names_and_values.size(); i += 2) {
    const std::string_view name = names_and_values[i];
    const Parameter* parameter = FindParameter(name);
    if (parameter == nullptr) {
      return CommandError(
          Concat({"ERR Unknown option or number of arguments for CONFIG SET - '", name, "'"}));
    }
    if (parameter->use == ParameterUse::kAtStart) return Refusal(name, "can't set immutable config");
    if (!changes.emplace(parameter->name, "").second) return Refusal(name, "duplicate parameter");
  }
  for (size_t i = 0; i + 1 < names_and_values.size(); i += 2) {
    const Parameter& parameter = *FindParameter(names_and_values[i]);
    Normalized normalized = Normalize(parameter, names_and_values[i + 1], Text(parameter.name));
    if (!normalized.refusal.empty()) return Refusal(names_and_values[i], normalized.refusal);
    changes[parameter.name] = std::move(normalized.text);
  }
  // Swapped, so that `changes` holds what was there before.
  for (auto& [name, value] : changes) std::swap(values_.find(name)->second, value);
  if (auto refusal = ApplierRefuses(names_and_values)) {
    for (auto& [name, value] : changes) std::swap(values_.find(name)->second, value);
    return refusal;
  }
  Apply();
  for (const auto& [owner, listener] : listeners_) listener();
  return std::nullopt;
}

std::optional<std::vector<std::string>> Settings::UsersNow() const {
  if (!user_list_.second) return std::nullopt;
  return user_list_.second();
}

void Settings::Forget(const void* owner) {
  std::erase_if(listeners_, [owner](const auto& listener) { return listener.first == owner; });
  if (user_list_.first == owner) user_list_ = {};
}

void Settings::SetApplier(std::string prefix, std::function<std::string()> applier) {
  applied_prefix_ = std::move(prefix);
  applier_ = std::move(applier);
}

std::optional<CommandError> Settings::ApplierRefuses(
    std::span<const std::string_view> names_and_values) const {
  if (applier_ == nullptr) return std::nullopt;
  for (size_t i = 0; i < names_and_values.size(); i += 2) {
    if (!command::Lower(names_and_values[i]).starts_with(applied_prefix_)) continue;
    // As Redis: once for all of them, and the first is named.
    const std::string why = applier_();
    if (why.empty()) return std::nullopt;
    return Refusal(names_and_values[i], why);
  }
  return std::nullopt;
}

std::optional<CommandError> Settings::Rewrite() {
  if (!rewrite_) return CommandError("ERR The server is running without a config file");
  const std::string failure = rewrite_();
  if (failure.empty()) return std::nullopt;
  return CommandError(Concat({"ERR Rewriting config file: ", failure}));
}

const std::string& Settings::Text(std::string_view name) const { return values_.find(name)->second; }

int64_t Settings::Integer(std::string_view name) const { return resp::ParseInteger(Text(name)).value_or(0); }

void Settings::Apply() {
  const auto size = [this](std::string_view name) { return static_cast<uint64_t>(Integer(name)); };
  request_limits_.proto_max_bulk_len = Integer("proto-max-bulk-len");
  request_limits_.client_query_buffer_limit = Integer("client-query-buffer-limit");
  inline_limits_.hash_max_listpack_entries = size("hash-max-listpack-entries");
  inline_limits_.hash_max_listpack_value = size("hash-max-listpack-value");
  inline_limits_.set_max_intset_entries = size("set-max-intset-entries");
  inline_limits_.set_max_listpack_entries = size("set-max-listpack-entries");
  inline_limits_.set_max_listpack_value = size("set-max-listpack-value");
  inline_limits_.zset_max_listpack_entries = size("zset-max-listpack-entries");
  inline_limits_.zset_max_listpack_value = size("zset-max-listpack-value");
  inline_limits_.list_max_listpack_size = Integer("list-max-listpack-size");
  const int64_t slow = Integer("slowlog-log-slower-than");
  slow_threshold_ = slow < 0 ? absl::InfiniteDuration() : absl::Microseconds(slow);
  const int64_t latency = Integer("latency-monitor-threshold");
  latency_threshold_ = latency == 0 ? absl::InfiniteDuration() : absl::Milliseconds(latency);
  latency_tracking_ = Flag("latency-tracking");
  event_choice_ = ParseEventChoice(Text("notify-keyspace-events")).value_or(0);
  inline_limits_.stream_node_max_entries = size("stream-node-max-entries");
  inline_limits_.stream_node_max_bytes = size("stream-node-max-bytes");
  normal_buffers_ = BuffersOf(Text("client-output-buffer-limit"), "normal");
  pubsub_buffers_ = BuffersOf(Text("client-output-buffer-limit"), "pubsub");
}

}  // namespace holdfast::server::engine
