#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "server/command/args.h"
#include "server/commands/sorted_set_words.h"
#include "storage/sorted_set.h"

namespace holdfast::server::commands {

// What ZRANGE and its older siblings are asked for, between the key and the end of the words. Those siblings
// fix `by` and `direction` beforehand; ZRANGE and ZRANGESTORE read them.
//
//   RangeQuery query{.by = RangeQuery::By::kScore, .direction = Direction::kForward};
//   query.Read(args);
//   if (auto error = args.Finish()) return *error;
//   WriteElements(reply, query.Run(set), query.scores);
struct RangeQuery {
  enum class By : uint8_t { kRank, kScore, kLex };
  // As the client counts: -1 is the last.
  struct Ranks {
    int64_t start = 0;
    int64_t stop = 0;
  };

  std::optional<By> by{};
  std::optional<storage::Direction> direction{};
  bool may_have_scores = true;  // the word WITHSCORES is known

  // What Read found.
  Scores scores = Scores::kWithout;
  int64_t offset = 0;  // negative: skips everything
  int64_t limit = -1;  // negative: all
  std::variant<Ranks, storage::ScoreRange, storage::LexRange> range{Ranks{0, 0}};

  void Read(command::Args& args);
  [[nodiscard]] std::vector<storage::ScoredMember> Run(const storage::SortedSet& set) const;

 private:
  bool ReadOption(command::Args& args);
  void ReadRange(command::Args bounds, command::Args& args);
};

}  // namespace holdfast::server::commands
