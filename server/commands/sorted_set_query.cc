#include "server/commands/sorted_set_query.h"

#include "server/command/errors.h"
#include "server/command/index_range.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::CommandError;
using storage::Direction;
using storage::LexRange;
using storage::ScoredMember;
using storage::ScoreRange;
using storage::SortedSet;
using storage::Window;

const CommandError kLimitNeedsBy(
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
const CommandError kScoresWithLex("ERR syntax error, WITHSCORES not supported in combination with BYLEX");

}  // namespace

bool RangeQuery::ReadOption(Args& args) {
  if (may_have_scores && args.Keyword("WITHSCORES")) {
    scores = Scores::kWith;
    return true;
  }
  if (args.remaining() > 2 && args.Keyword("LIMIT")) {
    offset = args.Integer();
    limit = args.Integer();
    return !args.failed();
  }
  if (!direction && args.Keyword("REV")) {
    direction = Direction::kReverse;
    return true;
  }
  if (!by && args.Keyword("BYSCORE")) {
    by = By::kScore;
    return true;
  }
  if (!by && args.Keyword("BYLEX")) {
    by = By::kLex;
    return true;
  }
  return false;
}

void RangeQuery::Read(Args& args) {
  const auto bounds = args.Take(2);
  while (ReadOption(args)) {
  }
  if (args.Finish()) return;
  by = by.value_or(By::kRank);
  direction = direction.value_or(Direction::kForward);
  if (limit != -1 && by == By::kRank) return args.Fail(kLimitNeedsBy);
  if (scores == Scores::kWith && by == By::kLex) return args.Fail(kScoresWithLex);
  const bool swapped = direction == Direction::kReverse && by != By::kRank;
  const std::string_view ordered[] = {bounds[swapped ? 1 : 0], bounds[swapped ? 0 : 1]};
  ReadRange(Args(ordered, 0), args);
}

void RangeQuery::ReadRange(Args bounds, Args& args) {
  switch (*by) {
    case By::kRank: {
      const int64_t start = bounds.Integer();
      range = Ranks{start, bounds.Integer()};
      break;
    }
    case By::kScore:
      range = ReadScoreRange(bounds);
      break;
    case By::kLex:
      range = ReadLexRange(bounds);
      break;
  }
  if (bounds.failed()) args.Fail(*bounds.error());
}

std::vector<ScoredMember> RangeQuery::Run(const SortedSet& set) const {
  if (const auto* ranks = std::get_if<Ranks>(&range)) {
    const command::IndexRange resolved = command::ResolveRange(ranks->start, ranks->stop, set.size());
    return set.SelectRanks(resolved.first, resolved.count, *direction);
  }
  if (offset < 0) return {};
  const Window window{static_cast<uint64_t>(offset), limit < 0 ? Window::kAll : static_cast<uint64_t>(limit)};
  if (const auto* scores_range = std::get_if<ScoreRange>(&range)) {
    return set.Select(*scores_range, *direction, window);
  }
  return set.Select(std::get<LexRange>(range), *direction, window);
}

}  // namespace holdfast::server::commands
