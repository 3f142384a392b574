#include "server/commands/sorted_set_words.h"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "server/command/errors.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using storage::LexBound;
using storage::ScoreBound;
using storage::ScoredMember;

// Redis reads bounds as C does, and other doubles more strictly: spaces may stand in front, what is too large
// is infinite and what is too small 0, and so is nothing at all.
std::optional<double> LenientDouble(std::string_view word) {
  const std::string text(word);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || std::isnan(value)) return std::nullopt;
  return value;
}

ScoreBound ReadScoreBound(Args& args) {
  std::string_view word = args.Bytes();
  ScoreBound bound;
  bound.exclusive = word.starts_with('(');
  if (bound.exclusive) word.remove_prefix(1);
  const std::optional<double> score = LenientDouble(word);
  if (!score) args.Fail(command::kMinMaxNotFloat);
  bound.score = score.value_or(0);
  return bound;
}

LexBound ReadLexBound(Args& args) {
  const std::string_view word = args.Bytes();
  if (word == "-") return {LexBound::Kind::kLowest, {}};
  if (word == "+") return {LexBound::Kind::kHighest, {}};
  if (word.starts_with('[')) return {LexBound::Kind::kInclusive, word.substr(1)};
  if (word.starts_with('(')) return {LexBound::Kind::kExclusive, word.substr(1)};
  args.Fail(command::kMinMaxNotString);
  return {};
}

}  // namespace

storage::ScoreRange ReadScoreRange(Args& args) {
  const ScoreBound min = ReadScoreBound(args);
  return {min, ReadScoreBound(args)};
}

storage::LexRange ReadLexRange(Args& args) {
  const LexBound min = ReadLexBound(args);
  return {min, ReadLexBound(args)};
}

void WriteElements(resp::ReplyWriter& reply, std::span<const ScoredMember> elements, Scores scores) {
  const bool pairs = scores == Scores::kWith;
  pairs ? reply.Pairs(elements.size()) : reply.Array(elements.size());
  for (const ScoredMember& element : elements) {
    if (pairs) reply.Pair();
    reply.Bulk(element.member);
    if (pairs) reply.Double(element.score);
  }
}

void WritePairs(resp::ReplyWriter& reply, std::span<const ScoredMember> elements) {
  reply.Array(elements.size());
  for (const ScoredMember& element : elements) {
    reply.Array(2);
    reply.Bulk(element.member);
    reply.Double(element.score);
  }
}

}  // namespace holdfast::server::commands
