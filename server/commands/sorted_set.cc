#include "storage/sorted_set.h"

#include <cmath>
#include <limits>
#include <vector>

#include "resp/number.h"
#include "server/command/context.h"
#include "server/command/random_count.h"
#include "server/command/scan_options.h"
#include "server/commands/families.h"
#include "server/commands/sorted_set_words.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;
using storage::AddRule;
using storage::Direction;
using storage::EventClass;
using storage::ScoredMember;
using storage::SortedSet;

const CommandError kNxAndXx("ERR XX and NX options at the same time are not compatible");
const CommandError kGtLtNx("ERR GT, LT, and/or NX options at the same time are not compatible");
const CommandError kOneIncrement("ERR INCR option supports a single increment-element pair");
const CommandError kScoreNaN("ERR resulting score is not a number (NaN)");

struct AddOptions {
  bool only_new = false;
  bool only_existing = false;
  bool greater = false;
  bool less = false;
  bool count_changed = false;
  bool increment = false;

  bool Read(Args& args) {
    if (args.Keyword("NX")) return only_new = true;
    if (args.Keyword("XX")) return only_existing = true;
    if (args.Keyword("GT")) return greater = true;
    if (args.Keyword("LT")) return less = true;
    if (args.Keyword("CH")) return count_changed = true;
    if (args.Keyword("INCR")) return increment = true;
    return false;
  }

  void Check(Args& args, size_t pairs) const {
    if (only_new && only_existing) args.Fail(kNxAndXx);
    if ((greater && less) || (only_new && (greater || less))) args.Fail(kGtLtNx);
    if (increment && pairs > 1) args.Fail(kOneIncrement);
  }

  [[nodiscard]] AddRule rule() const {
    AddRule rule;
    if (only_new) rule.existence = AddRule::Existence::kOnlyNew;
    if (only_existing) rule.existence = AddRule::Existence::kOnlyExisting;
    if (greater) rule.change = AddRule::Change::kOnlyGreater;
    if (less) rule.change = AddRule::Change::kOnlyLess;
    return rule;
  }
};

std::vector<ScoredMember> ReadPairs(Args& args) {
  std::vector<ScoredMember> pairs;
  pairs.reserve(args.remaining() / 2);
  while (!args.done() && !args.failed()) {
    const double score = args.Double();
    pairs.push_back({args.Bytes(), score});
  }
  return pairs;
}

Outcome Increment(Context& context, SortedSet& set, std::string_view key, const ScoredMember& pair,
                  const AddRule& rule) {
  const storage::Transaction::Mark mark = context.transaction().mark();
  const std::optional<double> score = set.Increment(pair.member, pair.score, rule);
  if (context.transaction().changed_since(mark)) {
    context.keyspace.Notify(EventClass::kSortedSet, "zincr", key);
  }
  if (!score) {
    context.reply.Null();
    return Done{};
  }
  if (std::isnan(*score)) return kScoreNaN;
  context.reply.Double(*score);
  return Done{};
}

Outcome ZAdd(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  AddOptions options;
  while (options.Read(args)) {
  }
  if (args.done() || args.remaining() % 2 != 0) return command::kSyntaxError;
  options.Check(args, args.remaining() / 2);
  const std::vector<ScoredMember> pairs = ReadPairs(args);
  if (auto error = args.Finish()) return *error;
  SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  if (options.increment) return Increment(context, set, key, pairs[0], options.rule());
  const SortedSet::AddResult result = set.Add(pairs, options.rule());
  if (result.added + result.updated > 0) context.keyspace.Notify(EventClass::kSortedSet, "zadd", key);
  context.reply.Integer(static_cast<int64_t>(result.added + (options.count_changed ? result.updated : 0)));
  return Done{};
}

Outcome ZIncrBy(Context& context) {
  const std::string_view key = context.args.Bytes();
  if (AddOptions().Read(context.args)) return command::kSyntaxError;  // Redis reads ZADD's options here too
  const double increment = context.args.Double();
  const std::string_view member = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  return Increment(context, set, key, {member, increment}, {});
}

Outcome ZRem(Context& context) {
  const std::string_view key = context.args.Bytes();
  SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  const uint64_t removed = set.Remove(context.args.Rest());
  if (removed > 0) {
    context.keyspace.NotifyRemoval(EventClass::kSortedSet, "zrem", key, set.size() == 0);
  }
  context.reply.Integer(static_cast<int64_t>(removed));
  return Done{};
}

Outcome ZCard(Context& context) {
  SortedSet set(context.keyspace, context.args.Bytes());
  if (set.wrong_type()) return command::kWrongType;
  context.reply.Integer(static_cast<int64_t>(set.size()));
  return Done{};
}

void WriteScore(Context& context, const std::optional<double>& score) {
  if (score) {
    context.reply.Double(*score);
  } else {
    context.reply.Null();
  }
}

Outcome ZScore(Context& context) {
  SortedSet set(context.keyspace, context.args.Bytes());
  if (set.wrong_type()) return command::kWrongType;
  WriteScore(context, set.Score(context.args.Bytes()));
  return Done{};
}

Outcome ZMScore(Context& context) {
  SortedSet set(context.keyspace, context.args.Bytes());
  if (set.wrong_type()) return command::kWrongType;
  const auto members = context.args.Rest();
  context.reply.Array(members.size());
  for (const std::string_view member : members) WriteScore(context, set.Score(member));
  return Done{};
}

Outcome Rank(Context& context, Direction direction) {
  const std::string_view key = context.args.Bytes();
  const std::string_view member = context.args.Bytes();
  if (context.args.remaining() > 1) return command::WrongArity(context.command.name);
  const bool with_score = context.args.Keyword("WITHSCORE");
  if (auto error = context.args.Finish()) return *error;
  SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  const std::optional<uint64_t> rank = set.Rank(member, direction);
  if (!rank) {
    with_score ? context.reply.NullArray() : context.reply.Null();
    return Done{};
  }
  if (with_score) context.reply.Array(2);
  context.reply.Integer(static_cast<int64_t>(*rank));
  if (with_score) WriteScore(context, set.Score(member));
  return Done{};
}

Outcome ZRank(Context& context) { return Rank(context, Direction::kForward); }

Outcome ZRevRank(Context& context) { return Rank(context, Direction::kReverse); }

Outcome RandomMember(Context& context, const SortedSet& set) {
  const std::vector<ScoredMember> chosen = set.Sample(1);
  chosen.empty() ? context.reply.Null() : context.reply.Bulk(chosen[0].member);
  return Done{};
}

Outcome ZRandMember(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const bool counted = !args.done();
  const command::RandomCount wanted = counted ? command::ReadRandomCount(args) : command::RandomCount{};
  const Scores scores = args.Keyword("WITHSCORES") ? Scores::kWith : Scores::kWithout;
  if (auto error = args.Finish()) return *error;
  // Redis's reply counts members and scores in one signed number.
  constexpr uint64_t kMaxPairs = std::numeric_limits<int64_t>::max() / 2;
  if (scores == Scores::kWith && wanted.count > kMaxPairs) return command::kOutOfRange;
  const SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  if (!counted) return RandomMember(context, set);
  if (set.size() > 0 && wanted.too_many()) return command::kOutOfRange;
  WriteElements(context.reply,
                wanted.repeats ? set.SampleWithRepeats(wanted.count) : set.Sample(wanted.count), scores);
  return Done{};
}

Outcome ZScan(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  uint64_t cursor = command::ReadScanCursor(args);
  if (args.failed()) return *args.error();
  SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  command::ScanOptions options;
  // Redis looks at the options only where there is something to scan.
  if (set.size() > 0) {
    options.ReadAll(args);
    if (auto error = args.Finish()) return *error;
  }
  std::vector<ScoredMember> elements;
  cursor = set.Scan(cursor, options.count, [&](const ScoredMember& element) {
    if (options.Matches(element.member)) elements.push_back(element);
  });
  context.reply.Array(2);
  context.reply.BulkInteger(static_cast<int64_t>(cursor));
  context.reply.Array(elements.size() * 2);
  for (const ScoredMember& element : elements) {
    context.reply.Bulk(element.member);
    context.reply.Bulk(resp::FormatDouble(element.score));
  }
  return Done{};
}

constexpr uint32_t kWriteFast = command::kWrite | command::kFast;
constexpr uint32_t kReadFast = command::kReadOnly | command::kFast;
constexpr std::string_view kGroup = "sorted-set";

constexpr Command kSortedSetCommands[] = {
    {"zadd", "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
     kWriteFast | command::kGrows, kGroup, "1.2.0", "O(log(N)) for each member, N being the set's size.",
     "Adds members with their scores, or changes the scores of members that are there.", ZAdd, "RW update"},
    {"zcard", "key", kReadFast, kGroup, "1.2.0", "O(1)", "Returns how many members a sorted set has.", ZCard,
     "RO"},
    {"zincrby", "key increment member", kWriteFast | command::kGrows, kGroup, "1.2.0",
     "O(log(N)) with N being the set's size.", "Adds to a member's score; a new member starts at 0.",
     ZIncrBy},
    {"zmscore", "key member [member ...]", kReadFast, kGroup, "6.2.0",
     "O(N) with N being the number of members asked for.", "Returns the scores of several members.", ZMScore},
    {"zrandmember", "key [count [WITHSCORES]]", command::kReadOnly, kGroup, "6.2.0",
     "O(N) with N being the number of members asked for.", "Returns random members.", ZRandMember},
    {"zrank", "key member [WITHSCORE]", kReadFast, kGroup, "2.0.0",
     "O(N) with N being the distance from the nearer end.",
     "Returns a member's place, counted from the lowest score.", ZRank},
    {"zrem", "key member [member ...]", kWriteFast, kGroup, "1.2.0",
     "O(M*log(N)) with N being the set's size and M the number of members removed.", "Removes members.", ZRem,
     "RW delete"},
    {"zrevrank", "key member [WITHSCORE]", kReadFast, kGroup, "2.0.0",
     "O(N) with N being the distance from the nearer end.",
     "Returns a member's place, counted from the highest score.", ZRevRank},
    {"zscan", "key cursor [MATCH pattern] [COUNT count]", command::kReadOnly, kGroup, "2.8.0",
     "O(1) for every call. O(N) for a whole iteration.", "Iterates over members and scores.", ZScan},
    {"zscore", "key member", kReadFast, kGroup, "1.2.0", "O(1)", "Returns a member's score.", ZScore},
};

}  // namespace

Family SortedSetCommands() { return kSortedSetCommands; }

}  // namespace holdfast::server::commands
