#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/dump/decode.h"
#include "storage/dump/encode.h"
#include "storage/dump/payload.h"
#include "storage/dump/store_value.h"

namespace holdfast::storage::dump {

inline std::string Joined(std::vector<std::string> parts, bool ordered) {
  if (!ordered) std::sort(parts.begin(), parts.end());
  std::string joined;
  for (const std::string& part : parts) joined += std::to_string(part.size()) + ":" + part + " ";
  return joined;
}

inline std::string Shown(const StreamId& id) {
  return std::to_string(id.ms) + "-" + std::to_string(id.sequence) + " ";
}

inline std::string Shown(const StreamValue& stream) {
  std::string shown = Shown(stream.last) + Shown(stream.max_deleted) + std::to_string(stream.added) + "\n";
  for (const std::vector<StreamEntry>& node : stream.nodes) {
    for (const StreamEntry& entry : node) {
      shown += Shown(entry.id) + Joined({entry.fields.begin(), entry.fields.end()}, true) + "\n";
    }
  }
  std::vector<std::string> groups;
  for (const StreamValue::Group& group : stream.groups) {
    std::vector<std::string> consumers;
    for (const StreamValue::Consumer& consumer : group.consumers) {
      consumers.push_back(std::string(consumer.name) + std::to_string(consumer.seen));
    }
    std::string pending;
    for (const StreamValue::Pending& one : group.pending) {
      pending += Shown(one.id) + std::to_string(one.time) + " " + std::to_string(one.count) + " " +
                 std::string(group.consumers[one.consumer].name) + "\n";
    }
    const std::string read = group.entries_read ? std::to_string(*group.entries_read) : "unknown";
    groups.push_back(std::string(group.name) + Shown(group.last) + (stream.without_counts ? "" : read) +
                     Joined(consumers, false) + pending);
  }
  return shown + Joined(groups, false);
}

// All that Store makes of a value, in a form that does not depend on how it is packed.
inline std::string Shown(const Value& value) {
  std::vector<std::string> parts;
  for (const ScoredMember& element : value.members) {
    const double score = element.score == 0 ? 0 : element.score;  // there is no -0
    parts.push_back(std::string(element.member) + "=" +
                    std::string(reinterpret_cast<const char*>(&score), 8));
  }
  const size_t step = value.type == ValueType::kHash ? 2 : 1;
  for (size_t i = 0; i + step <= value.words.size(); i += step) {
    std::string part(value.words[i]);
    if (step == 2) part += "=" + std::string(value.words[i + 1]);
    parts.push_back(part);
  }
  const bool ordered = value.type == ValueType::kList || value.type == ValueType::kString;
  return std::to_string(static_cast<int>(value.type)) + "\n" + Joined(parts, ordered) + Shown(value.stream);
}

// Any body is refused, and nothing is stored; or its value is stored, and is the same when it is dumped and
// restored again.
class RoundTrip {
 public:
  struct Result {
    bool stored = false;
    std::string fault;    // what is not as it should be; empty if nothing is
    std::string shown;    // of the value
    std::string payload;  // as it is dumped again
  };

  Result Run(std::string_view body) {
    Result result;
    Texts texts(kMostBytes);
    Value value;
    if (Decode(body, texts, value) != Decoded::kValue) return result;
    const Transaction::Mark mark = transaction_.mark();
    result.stored = Store(keyspace_, "k", value, absl::InfiniteFuture());
    if (result.stored) {
      result.shown = Shown(value);
      Again(value, result);
    }
    transaction_.RollbackTo(mark);
    if (keyspace_.size() != 0 || !view_.active().empty()) result.fault += "something is left\n";
    return result;
  }

  Keyspace& keyspace() { return keyspace_; }

 private:
  static constexpr uint64_t kMostBytes = 1 << 24;

  void Again(const Value& first, Result& result) {
    const std::optional<std::string> payload = Encode(keyspace_, keyspace_.Look("k"));
    const std::optional<std::string_view> body = payload ? Open(*payload) : std::nullopt;
    Texts texts(4 * kMostBytes);
    Value value;
    if (!body || Decode(*body, texts, value) != Decoded::kValue) {
      result.fault = "the dump is no value\n";
      return;
    }
    result.payload = *payload;
    value.stream.without_counts = first.stream.without_counts;
    if (Shown(value) != Shown(first)) result.fault = "another value: " + Shown(value) + Shown(first);
    value.stream.without_counts = false;
    if (!Store(keyspace_, "again", value, absl::InfiniteFuture()) ||
        Encode(keyspace_, keyspace_.Look("again")) != payload) {
      result.fault += "another dump\n";
    }
  }

  View view_;
  Transaction transaction_{view_, 11};
  Keyspace keyspace_{transaction_, 0};
};

}  // namespace holdfast::storage::dump
