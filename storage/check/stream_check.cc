// The part of ValueCheck that knows streams.

#include <map>

#include "absl/strings/str_cat.h"
#include "storage/check/value_check.h"
#include "storage/stream_head.h"
#include "storage/stream_id.h"

namespace holdfast::storage::check {
namespace {

constexpr size_t kWord = sizeof(uint64_t);

bool IsPackedPairs(std::string_view packed) {
  size_t items = 0;
  for (; !packed.empty(); ++items) {
    if (!TakeBytes(packed)) return false;
  }
  return items % 2 == 0;
}

}  // namespace

void ValueCheck::CheckStream(const Entry& entry) {
  if (entry.encoding != Encoding::kElements) return fault_("a stream of an unknown encoding");
  CheckStreamNodes(entry);
  CheckGroups(entry);
}

void ValueCheck::CheckStreamNodes(const Entry& entry) {
  const StreamHead head = DecodeStreamHead(entry.value);
  std::map<StreamId, std::pair<uint64_t, uint64_t>> nodes;  // by first entry: counted, seen
  Walk(TablePrefix(Table::kStreamNode, entry.id), [&](std::string_view rest, std::string_view value) {
    const std::optional<uint64_t> live = TakeVarint(value);
    if (rest.size() != kStreamIdBytes || !live || value.size() != kStreamIdBytes) {
      return fault_("a node cannot be read");
    }
    nodes[ReadStreamId(rest)].first = *live;
  });
  if (head.open_total > 0) nodes[head.open_first].first = head.open_live;
  Expect(nodes.size() == head.nodes, "it counts other nodes than are there");

  Sum sum;
  StreamId first;
  StreamId last;
  bool outside = false;
  Walk(TablePrefix(Table::kStreamEntry, entry.id), [&](std::string_view rest, std::string_view value) {
    if (rest.size() != kStreamIdBytes) return fault_("an entry without an id");
    last = ReadStreamId(rest);
    if (sum.count == 0) first = last;
    ++sum.count;
    sum.bytes += value.size();
    Expect(IsPackedPairs(value), "an entry's fields cannot be read");
    const auto behind = nodes.upper_bound(last);
    outside |= behind == nodes.begin();
    if (behind != nodes.begin()) ++std::prev(behind)->second.second;
  });
  Compare(entry, sum);
  Expect(!outside, "an entry stands in no node");
  Expect(first == head.first && last <= head.last && head.added >= sum.count,
         "what it remembers of its entries does not fit them");
  for (const auto& [id, node] : nodes) {
    if (node.first == node.second) continue;
    fault_(absl::StrCat("a node counts ", node.first, " entries, but ", node.second, " are there"));
  }
}

void ValueCheck::CheckGroups(const Entry& entry) {
  Walk(TablePrefix(Table::kStreamGroup, entry.id),
       [&](std::string_view, std::string_view value) { CheckGroup(entry, value); });
}

// [group:8][last:16][read][pending][consumers]; what belongs to it stands under [table][id][group].
void ValueCheck::CheckGroup(const Entry& entry, std::string_view stored) {
  if (stored.size() < kWord + kStreamIdBytes) return fault_("a group cannot be read");
  const std::string group(stored.substr(0, kWord));
  stored.remove_prefix(kWord + kStreamIdBytes);
  const std::optional<uint64_t> read = TakeVarint(stored);
  const std::optional<uint64_t> pending = TakeVarint(stored);
  const std::optional<uint64_t> consumers = TakeVarint(stored);
  if (!read || !pending || !consumers) return fault_("a group cannot be read");
  std::string id;
  AppendU64(id, entry.id);
  const std::string part = id + group;
  Expect(CheckConsumers(part) == *consumers, "a group counts other consumers than are there");
  Expect(CheckDeliveries(part) == *pending, "a group counts other deliveries than are there");
}

uint64_t ValueCheck::CheckConsumers(const std::string& part) {
  constexpr size_t kTimesBytes = 2 * kWord;
  const auto prefix = [&](Table table) { return std::string(1, static_cast<char>(table)) + part; };
  uint64_t names = 0;
  Walk(prefix(Table::kStreamConsumerName), [&](std::string_view, std::string_view value) {
    ++names;
    Expect(value.size() == kWord && map_.Get(prefix(Table::kStreamConsumer).append(value)),
           "a consumer's name leads to no consumer");
  });
  uint64_t consumers = 0;
  Walk(prefix(Table::kStreamConsumer), [&](std::string_view rest, std::string_view value) {
    ++consumers;
    if (value.size() < kTimesBytes) return fault_("a consumer cannot be read");
    value.remove_prefix(kTimesBytes);
    const std::optional<uint64_t> counted = TakeVarint(value);
    uint64_t owned = 0;
    Walk(prefix(Table::kStreamOwned).append(rest), [&](std::string_view, std::string_view) { ++owned; });
    Expect(counted == owned, "a consumer counts other deliveries than are there");
  });
  Expect(names == consumers, "a consumer has no name, or a name no consumer");
  return consumers;
}

uint64_t ValueCheck::CheckDeliveries(const std::string& part) {
  const auto prefix = [&](Table table) { return std::string(1, static_cast<char>(table)) + part; };
  uint64_t pending = 0;
  Walk(prefix(Table::kStreamPending), [&](std::string_view rest, std::string_view value) {
    ++pending;
    if (value.size() <= 2 * kWord || rest.size() != kStreamIdBytes)
      return fault_("a delivery cannot be read");
    const std::string owned = prefix(Table::kStreamOwned).append(value.substr(0, kWord)).append(rest);
    Expect(map_.Get(owned).has_value(), "a delivery is missing under its consumer");
  });
  uint64_t owned = 0;
  Walk(prefix(Table::kStreamOwned), [&](std::string_view, std::string_view) { ++owned; });
  Expect(owned == pending, "deliveries and what consumers own do not match");
  return pending;
}

}  // namespace holdfast::storage::check
