#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "server/command/context.h"
#include "server/commands/families.h"
#include "storage/set.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::Context;
using command::Done;
using command::Flag;
using command::kWrongType;
using command::Outcome;
using storage::Set;

using Members = std::vector<std::string_view>;
// What an operation makes of at least one set, at most `limit` members of it.
using Operation = Members (*)(std::span<const Set> sets, uint64_t limit);

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// The members of all sets. The smallest set is walked and the others are asked, smaller ones first.
Members Intersection(std::span<const Set> sets, uint64_t limit) {
  std::vector<const Set*> by_size;
  for (const Set& set : sets) by_size.push_back(&set);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const Set* a, const Set* b) { return a->size() < b->size(); });
  Members result;
  by_size.front()->elements().Visit([&](std::string_view member, std::string_view) {
    const bool everywhere = std::all_of(by_size.begin() + 1, by_size.end(),
                                        [&](const Set* other) { return other->Contains(member); });
    if (everywhere) result.push_back(member);
    return result.size() < limit;
  });
  return result;
}

// The members of any set.
Members Union(std::span<const Set> sets, uint64_t) {
  Members result;
  absl::flat_hash_set<std::string_view> seen;
  for (const Set& set : sets) {
    set.elements().Visit([&](std::string_view member, std::string_view) {
      if (seen.insert(member).second) result.push_back(member);
      return true;
    });
  }
  return result;
}

// The members of the first set that are in none of the others.
Members Difference(std::span<const Set> sets, uint64_t) {
  Members result;
  sets.front().elements().Visit([&](std::string_view member, std::string_view) {
    const bool elsewhere =
        std::any_of(sets.begin() + 1, sets.end(), [&](const Set& other) { return other.Contains(member); });
    if (!elsewhere) result.push_back(member);
    return true;
  });
  return result;
}

// Nullopt if one of the keys holds another type.
std::optional<Members> Compute(Context& context, std::span<const std::string_view> keys, Operation operation,
                               uint64_t limit = kNoLimit) {
  std::vector<Set> sets;
  sets.reserve(keys.size());
  for (const std::string_view key : keys) {
    sets.emplace_back(context.keyspace, key);
    if (sets.back().wrong_type()) return std::nullopt;
  }
  return operation(sets, limit);
}

template <Operation kOperation>
Outcome Read(Context& context) {
  const std::optional<Members> result = Compute(context, context.args.Rest(), kOperation);
  if (!result) return kWrongType;
  context.reply.Set(result->size());
  for (const std::string_view member : *result) context.reply.Bulk(member);
  return Done{};
}

template <Operation kOperation>
Outcome Store(Context& context) {
  const std::string_view destination = context.args.Bytes();
  context.keyspace.set_counts_reads(true);
  const std::optional<Members> result = Compute(context, context.args.Rest(), kOperation);
  context.keyspace.set_counts_reads(false);
  if (!result) return kWrongType;
  const bool existed = Set(context.keyspace, destination).Assign(*result);
  context.keyspace.NotifyStore(storage::EventClass::kSet, context.command.name, destination, !result->empty(),
                               existed);
  context.reply.Integer(static_cast<int64_t>(result->size()));
  return Done{};
}

Outcome SInterCard(Context& context) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  Args& args = context.args;
  const int64_t count = args.Integer(1, kMax, command::kNumKeysNotPositive);
  if (static_cast<uint64_t>(count) > args.remaining()) args.Fail(command::kNumKeysTooLarge);
  const auto keys = args.failed() ? args.Rest() : args.Take(static_cast<size_t>(count));
  uint64_t limit = 0;
  while (args.Keyword("LIMIT")) {
    limit = static_cast<uint64_t>(args.Integer(0, kMax, command::kLimitNegative));
  }
  if (auto error = args.Finish()) return *error;

  const std::optional<Members> result = Compute(context, keys, &Intersection, limit == 0 ? kNoLimit : limit);
  if (!result) return kWrongType;
  context.reply.Integer(static_cast<int64_t>(result->size()));
  return Done{};
}

constexpr Command kSetAlgebraCommands[] = {
    Command{.name = "sinter",
            .syntax = "key [key ...]",
            .flags = Flag::kReadOnly,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N*M), N being the size of the smallest set and M the number of sets",
            .summary = "Reads the members that all sets have.",
            .run = &Read<&Intersection>},
    Command{.name = "sinterstore",
            .syntax = "destination key [key ...]",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N*M), N being the size of the smallest set and M the number of sets",
            .summary = "Stores the members that all sets have.",
            .run = &Store<&Intersection>,
            .keys = "RW update, RO access"},
    Command{.name = "sintercard",
            .syntax = "numkeys key [key ...] [LIMIT limit]",
            .flags = Flag::kReadOnly | Flag::kMovableKeys,
            .group = "set",
            .since = "7.0.0",
            .complexity = "O(N*M), N being the size of the smallest set and M the number of sets",
            .summary = "Counts the members that all sets have, up to a limit.",
            .run = &SInterCard},
    Command{.name = "sunion",
            .syntax = "key [key ...]",
            .flags = Flag::kReadOnly,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N), N being the members of all sets",
            .summary = "Reads the members that any of the sets has.",
            .run = &Read<&Union>},
    Command{.name = "sunionstore",
            .syntax = "destination key [key ...]",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N), N being the members of all sets",
            .summary = "Stores the members that any of the sets has.",
            .run = &Store<&Union>,
            .keys = "OW update, RO access"},
    Command{.name = "sdiff",
            .syntax = "key [key ...]",
            .flags = Flag::kReadOnly,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N*M), N being the size of the first set and M the number of sets",
            .summary = "Reads the members of the first set that no other has.",
            .run = &Read<&Difference>},
    Command{.name = "sdiffstore",
            .syntax = "destination key [key ...]",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N*M), N being the size of the first set and M the number of sets",
            .summary = "Stores the members of the first set that no other has.",
            .run = &Store<&Difference>,
            .keys = "OW update, RO access"},
};

}  // namespace

Family SetAlgebraCommands() { return kSetAlgebraCommands; }

}  // namespace holdfast::server::commands
