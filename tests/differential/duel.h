#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "resp/reply.h"
#include "tests/differential/agreement.h"
#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"

namespace holdfast::differential {

// One request of a story. A word "$id:name" stands for that client's id, which the servers give differently.
struct Step {
  std::string client;
  std::vector<std::string> words;
};

struct Difference {
  size_t step = 0;  // after which it was seen; the number of steps: in the data at the end
  std::string what;
};

// Plays steps on a new engine and on the emptied oracle, and compares what every client hears.
class Duel {
 public:
  explicit Duel(harness::Oracle& oracle);

  // The first difference. `heard` gets the oracle's replies, a step's in the transcripts' notation.
  [[nodiscard]] std::optional<Difference> Play(const std::vector<Step>& steps, std::string* heard = nullptr);
  // Steps whose reply was no error, by command.
  [[nodiscard]] const std::map<std::string, int>& succeeded() const { return succeeded_; }

 private:
  struct Player {
    std::unique_ptr<harness::OracleClient> redis;
    std::string our_id;
    std::string their_id;
    bool waiting = false;
    std::vector<Agreement> queued;
    std::optional<Agreement> asked;
  };

  Player& player(const std::string& name);
  [[nodiscard]] std::vector<std::string> WithIds(const Step& step, bool ours);
  void Settle();
  std::string PlayStep(const Step& step, std::string* heard);
  std::string CompareClient(const std::string& name, Player& player, std::vector<resp::Reply> theirs,
                            std::string* heard);
  std::string CompareReply(Player& player, const resp::Reply& ours, const resp::Reply& theirs);
  void Remember(Player& player, const Step& step, const resp::Reply& theirs);
  std::string CompareData();
  std::string CompareDatabase();
  std::string CompareKey(const std::string& key);
  std::string Ask(const std::vector<std::string>& words, Agreement agreement);

  harness::Oracle& oracle_;
  harness::EngineHarness engine_;
  harness::OracleClient control_;
  std::map<std::string, Player> players_;
  bool over_ = false;    // a client waits for what the servers see differently: nothing more can be compared
  bool chance_ = false;  // that step's effect is not the same on both sides
  Player* asking_ = nullptr;  // the client of the step that is being played
  std::map<std::string, int> succeeded_;
};

}  // namespace holdfast::differential
