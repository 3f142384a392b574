#include "server/engine/settings.h"

#include <algorithm>
#include <set>
#include <utility>

#include "resp/number.h"
#include "server/command/glob.h"
#include "server/command/words.h"
#include "server/engine/event_classes.h"
#include "server/engine/parameter_value.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Concat;

CommandError Refusal(std::string_view name, std::string_view why) {
  return CommandError(Concat({"ERR CONFIG SET failed (possibly related to argument '", name, "') - ", why}));
}

// maxdisk is bytes, or a percent of the file system.
storage::QuotaOptions QuotaOf(const Settings& settings) {
  const auto percent = [&](std::string_view name) { return static_cast<uint32_t>(settings.Integer(name)); };
  storage::QuotaOptions quota{.warn_percent = percent("disk-warn-percent"),
                              .full_percent = percent("disk-full-percent"),
                              .hysteresis_percent = percent("disk-hysteresis-percent")};
  std::string_view most = settings.Text("maxdisk");
  const bool in_percent = most.ends_with('%');
  if (in_percent) most.remove_suffix(1);
  const auto number = static_cast<uint64_t>(resp::ParseInteger(most).value_or(0));
  quota.most_bytes = in_percent ? 0 : number;
  quota.most_percent = in_percent ? static_cast<uint32_t>(number) : 0;
  return quota;
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
  std::string whole(value);
  const bool adds = parameter->kind == ParameterKind::kLimits || parameter->kind == ParameterKind::kSave;
  if (adds && !value.empty() && !Text(parameter->name).empty()) {
    whole = Concat({Text(parameter->name), " ", value});
  }
  Normalized normalized = Normalize(*parameter, whole, Text(parameter->name));
  if (!normalized.refusal.empty()) {
    return Concat({"wrong value '", value, "' for '", parameter->name, "': ", normalized.refusal});
  }
  values_.find(parameter->name)->second = std::move(normalized.text);
  Apply();
  return {};
}

void Settings::SetFact(std::string_view name, std::function<std::string()> fact) {
  facts_.insert_or_assign(std::string(name), std::move(fact));
}

std::string Settings::Shown(std::string_view name) const {
  const auto fact = facts_.find(name);
  return fact == facts_.end() ? Text(name) : fact->second();
}

std::vector<Settings::Pair> Settings::Get(std::span<const std::string_view> patterns) const {
  std::vector<Pair> found;
  const auto add = [&](std::string_view shown_as, std::string_view name) {
    const bool known = std::any_of(found.begin(), found.end(), [&](const Pair& pair) {
      return command::EqualsIgnoreCase(pair.first, shown_as);
    });
    if (!known) found.emplace_back(shown_as, Shown(name));
  };
  for (const std::string_view pattern : patterns) {
    // A plain name is answered as it was asked.
    if (pattern.find_first_of("*?[") == pattern.npos) {
      const Parameter* parameter = FindParameter(pattern);
      if (parameter != nullptr) add(pattern, parameter->name);
      continue;
    }
    for (const auto& [name, value] : values_) {
      if (command::GlobMatchesIgnoreCase(pattern, name)) add(name, name);
    }
    for (const OlderName& older : OlderNames()) {
      if (command::GlobMatchesIgnoreCase(pattern, older.name)) add(older.name, older.current);
    }
  }
  return found;
}

std::string_view Settings::WhyFixed(const Parameter& parameter) const {
  const bool guarded = parameter.guard == ParameterGuard::kProtected;
  if (guarded && Text("enable-protected-configs") == "no") return "can't set protected config";
  const bool fixed =
      parameter.use == ParameterUse::kAtStart || parameter.use == ParameterUse::kAcceptedAtStart;
  return fixed ? "can't set immutable config" : "";
}

std::optional<CommandError> Settings::Set(std::span<const std::string_view> names_and_values) {
  std::set<std::string> asked;
  for (size_t i = 0; i + 1 < names_and_values.size(); i += 2) {
    const std::string_view name = names_and_values[i];
    const Parameter* parameter = FindParameter(name);
    if (parameter == nullptr) {
      return CommandError(
          Concat({"ERR Unknown option or number of arguments for CONFIG SET - '", name, "'"}));
    }
    const std::string_view why = WhyFixed(*parameter);
    if (!why.empty()) return Refusal(name, why);
    // As in Redis the older name counts as another one, and the last value of both stays.
    if (!asked.insert(command::Lower(name)).second) return Refusal(name, "duplicate parameter");
  }
  std::map<std::string_view, std::string> changes;
  for (size_t i = 0; i + 1 < names_and_values.size(); i += 2) {
    const Parameter& parameter = *FindParameter(names_and_values[i]);
    Normalized normalized = Normalize(parameter, names_and_values[i + 1], Text(parameter.name));
    if (!normalized.refusal.empty()) return Refusal(names_and_values[i], normalized.refusal);
    changes[parameter.name] = std::move(normalized.text);
  }
  // Swapped, so that `changes` holds what was there before.
  for (auto& [name, value] : changes) std::swap(values_.find(name)->second, value);
  if (auto refusal = PutToUse(names_and_values)) {
    for (auto& [name, value] : changes) std::swap(values_.find(name)->second, value);
    (void)PutToUse(names_and_values);
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

const Settings::Applier* Settings::ApplierOf(std::string_view name) const {
  // A longer prefix of the name comes behind a shorter one.
  for (auto entry = appliers_.rbegin(); entry != appliers_.rend(); ++entry) {
    if (name.starts_with(entry->first)) return &entry->second;
  }
  return nullptr;
}

std::optional<CommandError> Settings::PutToUse(std::span<const std::string_view> names_and_values) const {
  std::vector<const Applier*> asked;
  for (size_t i = 0; i < names_and_values.size(); i += 2) {
    const Applier* applier = ApplierOf(command::Lower(names_and_values[i]));
    // As Redis: once for all of its parameters, and the first is named.
    if (applier == nullptr || std::find(asked.begin(), asked.end(), applier) != asked.end()) continue;
    asked.push_back(applier);
    const std::string why = (*applier)();
    if (!why.empty()) return Refusal(names_and_values[i], why);
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
  quota_ = QuotaOf(*this);
  bookkeeping_percent_ = static_cast<uint64_t>(Integer("bookkeeping-percent"));
  hand_over_ = Flag("hand-over");
  producer_delay_ = absl::Milliseconds(Integer("producer-delay"));
  event_choice_ = ParseEventChoice(Text("notify-keyspace-events")).value_or(0);
  inline_limits_.stream_node_max_entries = size("stream-node-max-entries");
  inline_limits_.stream_node_max_bytes = size("stream-node-max-bytes");
  normal_buffers_ = BuffersOf(Text("client-output-buffer-limit"), "normal");
  pubsub_buffers_ = BuffersOf(Text("client-output-buffer-limit"), "pubsub");
}

}  // namespace holdfast::server::engine
