#include <vector>

#include "server/command/context.h"
#include "server/command/index_range.h"
#include "server/commands/families.h"
#include "server/commands/sorted_set_query.h"
#include "server/commands/sorted_set_words.h"
#include "storage/sorted_set.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::Context;
using command::Done;
using command::Outcome;
using storage::Direction;
using storage::ScoredMember;
using storage::SortedSet;

Outcome Answer(Context& context, RangeQuery query) {
  const std::string_view key = context.args.Bytes();
  query.Read(context.args);
  if (auto error = context.args.Finish()) return *error;
  const SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  WriteElements(context.reply, query.Run(set), query.scores);
  return Done{};
}

Outcome ZRange(Context& context) { return Answer(context, RangeQuery()); }

Outcome ZRevRange(Context& context) {
  return Answer(context, {.by = RangeQuery::By::kRank, .direction = Direction::kReverse});
}

Outcome ZRangeByScore(Context& context) {
  return Answer(context, {.by = RangeQuery::By::kScore, .direction = Direction::kForward});
}

Outcome ZRevRangeByScore(Context& context) {
  return Answer(context, {.by = RangeQuery::By::kScore, .direction = Direction::kReverse});
}

Outcome ZRangeByLex(Context& context) {
  return Answer(context, {.by = RangeQuery::By::kLex, .direction = Direction::kForward});
}

Outcome ZRevRangeByLex(Context& context) {
  return Answer(context, {.by = RangeQuery::By::kLex, .direction = Direction::kReverse});
}

Outcome ZRangeStore(Context& context) {
  const std::string_view destination = context.args.Bytes();
  const std::string_view source = context.args.Bytes();
  RangeQuery query{.may_have_scores = false};
  query.Read(context.args);
  if (auto error = context.args.Finish()) return *error;
  context.keyspace.set_counts_reads(true);
  const SortedSet set(context.keyspace, source);
  context.keyspace.set_counts_reads(false);
  if (set.wrong_type()) return command::kWrongType;
  const std::vector<ScoredMember> elements = query.Run(set);
  const bool existed = SortedSet(context.keyspace, destination).Assign(elements);
  context.keyspace.NotifyStore(storage::EventClass::kSortedSet, "zrangestore", destination, !elements.empty(),
                               existed);
  context.reply.Integer(static_cast<int64_t>(elements.size()));
  return Done{};
}

template <typename Range>
Outcome CountRange(Context& context, Range (*read)(Args&)) {
  const std::string_view key = context.args.Bytes();
  const Range range = read(context.args);
  if (auto error = context.args.Finish()) return *error;
  const SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  context.reply.Integer(static_cast<int64_t>(set.Count(range)));
  return Done{};
}

Outcome ZCount(Context& context) { return CountRange(context, ReadScoreRange); }

Outcome ZLexCount(Context& context) { return CountRange(context, ReadLexRange); }

Outcome ReplyRemoved(Context& context, std::string_view key, const SortedSet& set, uint64_t removed) {
  if (removed > 0) {
    context.keyspace.NotifyRemoval(storage::EventClass::kSortedSet, context.command.name, key,
                                   set.size() == 0);
  }
  context.reply.Integer(static_cast<int64_t>(removed));
  return Done{};
}

template <typename Range>
Outcome RemoveRange(Context& context, Range (*read)(Args&)) {
  const std::string_view key = context.args.Bytes();
  const Range range = read(context.args);
  if (auto error = context.args.Finish()) return *error;
  SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  return ReplyRemoved(context, key, set, set.RemoveRange(range));
}

Outcome ZRemRangeByScore(Context& context) { return RemoveRange(context, ReadScoreRange); }

Outcome ZRemRangeByLex(Context& context) { return RemoveRange(context, ReadLexRange); }

Outcome ZRemRangeByRank(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int64_t start = context.args.Integer();
  const int64_t stop = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  const command::IndexRange ranks = command::ResolveRange(start, stop, set.size());
  return ReplyRemoved(context, key, set, set.RemoveRanks(ranks.first, ranks.count));
}

constexpr uint32_t kRead = command::kReadOnly;
constexpr uint32_t kReadFast = command::kReadOnly | command::kFast;
constexpr std::string_view kGroup = "sorted-set";
constexpr std::string_view kRangeCost =
    "O(log(N)+M) with N being the set's size and M the number of members returned; an offset costs its "
    "length.";
constexpr std::string_view kRankCost =
    "O(D+M) with M being the number of members returned and D the distance from the nearer end.";
constexpr std::string_view kCountCost =
    "O(log(N)+M) with M being the members inside or those outside the range, whichever is fewer.";
constexpr std::string_view kRemoveCost =
    "O(log(N)+M) with N being the set's size and M the number of members removed.";

constexpr Command kSortedSetRangeCommands[] = {
    {"zcount", "key min max", kReadFast, kGroup, "2.0.0", kCountCost,
     "Counts the members whose scores lie in a range.", ZCount},
    {"zlexcount", "key min max", kReadFast, kGroup, "2.8.9", kCountCost,
     "Counts the members that lie in a range of bytes.", ZLexCount},
    {"zrange", "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]", kRead, kGroup,
     "1.2.0", kRangeCost, "Returns the members in a range of ranks, scores or bytes.", ZRange},
    {"zrangebylex", "key min max [LIMIT offset count]", kRead, kGroup, "2.8.9", kRangeCost,
     "Returns the members in a range of bytes.", ZRangeByLex},
    {"zrangebyscore", "key min max [WITHSCORES] [LIMIT offset count]", kRead, kGroup, "1.0.5", kRangeCost,
     "Returns the members in a range of scores.", ZRangeByScore},
    {"zrangestore", "dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
     command::kWrite | command::kGrows, kGroup, "6.2.0", kRangeCost,
     "Stores the members in a range as another sorted set.", ZRangeStore, "OW update, RO access"},
    {"zremrangebylex", "key min max", command::kWrite, kGroup, "2.8.9", kRemoveCost,
     "Removes the members in a range of bytes.", ZRemRangeByLex, "RW delete"},
    {"zremrangebyrank", "key start stop", command::kWrite, kGroup, "2.0.0", kRankCost,
     "Removes the members in a range of ranks.", ZRemRangeByRank, "RW delete"},
    {"zremrangebyscore", "key min max", command::kWrite, kGroup, "1.2.0", kRemoveCost,
     "Removes the members in a range of scores.", ZRemRangeByScore, "RW delete"},
    {"zrevrange", "key start stop [WITHSCORES]", kRead, kGroup, "1.2.0", kRankCost,
     "Returns the members in a range of ranks, counted from the highest score.", ZRevRange},
    {"zrevrangebylex", "key max min [LIMIT offset count]", kRead, kGroup, "2.8.9", kRangeCost,
     "Returns the members in a range of bytes, the highest first.", ZRevRangeByLex},
    {"zrevrangebyscore", "key max min [WITHSCORES] [LIMIT offset count]", kRead, kGroup, "2.2.0", kRangeCost,
     "Returns the members in a range of scores, the highest first.", ZRevRangeByScore},
};

}  // namespace

Family SortedSetRangeCommands() { return kSortedSetRangeCommands; }

}  // namespace holdfast::server::commands
