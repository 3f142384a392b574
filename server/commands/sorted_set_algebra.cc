#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/command/context.h"
#include "server/command/words.h"
#include "server/commands/families.h"
#include "server/commands/sorted_set_words.h"
#include "storage/set.h"
#include "storage/sorted_set.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;
using storage::Direction;
using storage::ScoredMember;
using storage::SortedSet;

const CommandError kWeightNotFloat("ERR weight value is not a float");

constexpr int64_t kMaxLimit = std::numeric_limits<int64_t>::max();
constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// One input: a sorted set, or a set, whose members have the score 1.
class Source {
 public:
  Source(storage::Keyspace& keyspace, std::string_view key) : sorted_(keyspace, key) {
    if (sorted_.wrong_type()) plain_.emplace(keyspace, key);
  }

  double weight = 1;

  [[nodiscard]] bool wrong_type() const { return plain_ && plain_->wrong_type(); }
  [[nodiscard]] uint64_t size() const { return plain_ ? plain_->size() : sorted_.size(); }

  // The score times the weight; nullopt if the member is absent. Unlike that of an element, 0 * inf is NaN
  // here: so it is in Redis for all inputs of an intersection but the first.
  [[nodiscard]] std::optional<double> Score(std::string_view member) const {
    if (plain_) return plain_->Contains(member) ? std::optional(weight) : std::nullopt;
    const std::optional<double> score = sorted_.Score(member);
    return score ? std::optional(*score * weight) : std::nullopt;
  }

  [[nodiscard]] std::vector<ScoredMember> Elements() const {
    std::vector<ScoredMember> elements;
    if (plain_) {
      plain_->elements().Visit([&](std::string_view member, std::string_view) {
        elements.push_back({member, Weigh(1)});
        return true;
      });
      return elements;
    }
    elements = sorted_.SelectRanks(0, size(), Direction::kForward);
    for (ScoredMember& element : elements) element.score = Weigh(element.score);
    return elements;
  }

 private:
  // As in Redis, 0 * inf is 0.
  [[nodiscard]] double Weigh(double score) const {
    const double weighed = score * weight;
    return std::isnan(weighed) ? 0 : weighed;
  }

  SortedSet sorted_;
  std::optional<storage::Set> plain_;  // where the key holds no sorted set
};

enum class Aggregate : uint8_t { kSum, kMin, kMax };

double Combine(Aggregate aggregate, double a, double b) {
  switch (aggregate) {
    case Aggregate::kSum:
      break;
    case Aggregate::kMin:
      return std::min(a, b);
    case Aggregate::kMax:
      return std::max(a, b);
  }
  // As in Redis, inf + -inf is 0.
  return std::isnan(a + b) ? 0 : a + b;
}

// The inputs of one command and how to put them together.
struct Plan {
  std::vector<Source> sources;
  Aggregate aggregate = Aggregate::kSum;
  Scores scores = Scores::kWithout;
  uint64_t limit = kNoLimit;
};

using Operation = std::vector<ScoredMember> (*)(const Plan& plan);

void SortByScore(std::vector<ScoredMember>& elements) {
  std::sort(elements.begin(), elements.end(), [](const ScoredMember& a, const ScoredMember& b) {
    return a.score != b.score ? a.score < b.score : a.member < b.member;
  });
}

std::vector<ScoredMember> Union(const Plan& plan) {
  absl::flat_hash_map<std::string_view, size_t> places;
  std::vector<ScoredMember> result;
  for (const Source& source : plan.sources) {
    for (const ScoredMember& element : source.Elements()) {
      const auto [place, fresh] = places.try_emplace(element.member, result.size());
      if (fresh) {
        result.push_back(element);
      } else {
        double& score = result[place->second].score;
        score = Combine(plan.aggregate, score, element.score);
      }
    }
  }
  SortByScore(result);
  return result;
}

// The combined score; nullopt if one of the sources does not have the member.
std::optional<double> ScoreInAll(const Plan& plan, ScoredMember element) {
  for (auto other = plan.sources.begin() + 1; other != plan.sources.end(); ++other) {
    const std::optional<double> score = other->Score(element.member);
    if (!score) return std::nullopt;
    element.score = Combine(plan.aggregate, element.score, *score);
  }
  return element.score;
}

// The smallest source comes first and is walked.
std::vector<ScoredMember> Intersection(const Plan& plan) {
  std::vector<ScoredMember> result;
  for (const ScoredMember& element : plan.sources.front().Elements()) {
    if (result.size() >= plan.limit) break;
    const std::optional<double> score = ScoreInAll(plan, element);
    if (score) result.push_back({element.member, *score});
  }
  SortByScore(result);
  return result;
}

std::vector<ScoredMember> Difference(const Plan& plan) {
  std::vector<ScoredMember> result = plan.sources.front().Elements();
  std::erase_if(result, [&](const ScoredMember& element) {
    return std::any_of(plan.sources.begin() + 1, plan.sources.end(),
                       [&](const Source& other) { return other.Score(element.member).has_value(); });
  });
  SortByScore(result);
  return result;
}

enum class Options : uint8_t { kNone, kScores, kWeights, kWeightsAndScores, kLimit };

class PlanReader {
 public:
  PlanReader(Context& context, Options options) : context_(context), options_(options) {}

  // Redis looks at the keys before it reads the options.
  std::optional<CommandError> Read(Plan& plan) {
    Args& args = context_.args;
    const int64_t count = args.Integer();
    if (args.failed()) return args.error();
    if (count < 1) {
      return CommandError(
          command::Concat({"ERR at least 1 input key is needed for '", context_.command.name, "' command"}));
    }
    for (const std::string_view key : args.Take(static_cast<size_t>(count))) {
      plan.sources.emplace_back(context_.keyspace, key);
      if (plan.sources.back().wrong_type()) return command::kWrongType;
    }
    while (!args.failed() && ReadOption(plan)) {
    }
    return args.Finish();
  }

 private:
  [[nodiscard]] bool weights() const {
    return options_ == Options::kWeights || options_ == Options::kWeightsAndScores;
  }
  [[nodiscard]] bool scores() const {
    return options_ == Options::kScores || options_ == Options::kWeightsAndScores;
  }

  bool ReadOption(Plan& plan) {
    Args& args = context_.args;
    if (weights() && args.remaining() > plan.sources.size() && args.Keyword("WEIGHTS")) {
      for (Source& source : plan.sources) source.weight = args.Double(kWeightNotFloat);
      return true;
    }
    if (weights() && args.Keyword("AGGREGATE")) {
      plan.aggregate = ReadAggregate();
      return true;
    }
    if (scores() && args.Keyword("WITHSCORES")) {
      plan.scores = Scores::kWith;
      return true;
    }
    if (options_ == Options::kLimit && args.remaining() > 1 && args.Keyword("LIMIT")) {
      const int64_t limit = args.Integer(0, kMaxLimit, command::kLimitNegative);
      plan.limit = limit == 0 ? kNoLimit : static_cast<uint64_t>(limit);
      return true;
    }
    return false;
  }

  Aggregate ReadAggregate() {
    Args& args = context_.args;
    if (args.Keyword("SUM")) return Aggregate::kSum;
    if (args.Keyword("MIN")) return Aggregate::kMin;
    if (!args.Keyword("MAX")) args.Fail(command::kSyntaxError);
    return Aggregate::kMax;
  }

  Context& context_;
  Options options_;
};

// A sum of scores depends on the order; Redis's is from the smallest source on. A difference's first source
// stays.
void OrderSources(Plan& plan, Operation operation) {
  if (operation == &Difference) return;
  std::vector<Source*> by_size;
  std::vector<Source> sorted;
  by_size.reserve(plan.sources.size());
  sorted.reserve(plan.sources.size());
  for (Source& source : plan.sources) by_size.push_back(&source);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const Source* a, const Source* b) { return a->size() < b->size(); });
  for (Source* source : by_size) sorted.push_back(std::move(*source));
  plan.sources.swap(sorted);
}

template <Operation kOperation, Options kOptions>
Outcome Read(Context& context) {
  Plan plan;
  if (auto error = PlanReader(context, kOptions).Read(plan)) return *error;
  OrderSources(plan, kOperation);
  WriteElements(context.reply, kOperation(plan), plan.scores);
  return Done{};
}

template <Operation kOperation, Options kOptions>
Outcome Store(Context& context) {
  const std::string_view destination = context.args.Bytes();
  Plan plan;
  context.keyspace.set_counts_reads(true);
  if (auto error = PlanReader(context, kOptions).Read(plan)) return *error;
  context.keyspace.set_counts_reads(false);
  OrderSources(plan, kOperation);
  const std::vector<ScoredMember> elements = kOperation(plan);
  const bool existed = SortedSet(context.keyspace, destination).Assign(elements);
  context.keyspace.NotifyStore(storage::EventClass::kSortedSet, context.command.name, destination,
                               !elements.empty(), existed);
  context.reply.Integer(static_cast<int64_t>(elements.size()));
  return Done{};
}

Outcome ZInterCard(Context& context) {
  Plan plan;
  if (auto error = PlanReader(context, Options::kLimit).Read(plan)) return *error;
  OrderSources(plan, &Intersection);
  context.reply.Integer(static_cast<int64_t>(Intersection(plan).size()));
  return Done{};
}

constexpr uint32_t kRead = command::kReadOnly | command::kMovableKeys;
constexpr uint32_t kStore = command::kWrite | command::kGrows | command::kMovableKeys;
constexpr std::string_view kGroup = "sorted-set";
constexpr std::string_view kUnionCost =
    "O(N)+O(M*log(M)) with N being all inputs' members and M the result's.";
constexpr std::string_view kMeetCost =
    "O(N*K)+O(M*log(M)) with N being the smallest input's members, K the number of inputs and M the result's "
    "members.";

constexpr Command kSortedSetAlgebraCommands[] = {
    {"zdiff", "numkeys key [key ...] [WITHSCORES]", kRead, kGroup, "6.2.0", kMeetCost,
     "Returns the members of the first input that no other has.", Read<&Difference, Options::kScores>},
    {"zdiffstore", "destination numkeys key [key ...]", kStore, kGroup, "6.2.0", kMeetCost,
     "Stores the members of the first input that no other has.", Store<&Difference, Options::kNone>,
     "OW update, RO access"},
    {"zinter",
     "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]", kRead,
     kGroup, "6.2.0", kMeetCost, "Returns the members that all inputs have.",
     Read<&Intersection, Options::kWeightsAndScores>},
    {"zintercard", "numkeys key [key ...] [LIMIT limit]", kRead, kGroup, "7.0.0", kMeetCost,
     "Counts the members that all inputs have, up to a limit.", ZInterCard},
    {"zinterstore",
     "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]", kStore,
     kGroup, "2.0.0", kMeetCost, "Stores the members that all inputs have.",
     Store<&Intersection, Options::kWeights>, "OW update, RO access"},
    {"zunion",
     "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]", kRead,
     kGroup, "6.2.0", kUnionCost, "Returns the members that any input has.",
     Read<&Union, Options::kWeightsAndScores>},
    {"zunionstore",
     "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]", kStore,
     kGroup, "2.0.0", kUnionCost, "Stores the members that any input has.", Store<&Union, Options::kWeights>,
     "OW update, RO access"},
};

}  // namespace

Family SortedSetAlgebraCommands() { return kSortedSetAlgebraCommands; }

}  // namespace holdfast::server::commands
