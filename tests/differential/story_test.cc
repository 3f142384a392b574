#include "tests/differential/story.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <set>
#include <string>

#include "tests/differential/oracle_syntax.h"
#include "tests/differential/shrink.h"

// Stories drawn from the command table, played by the engine and by a real Redis: the same replies to every
// client, the same data at the end. A story that shows a difference is printed in the notation of
// tests/transcripts.
namespace holdfast::differential {
namespace {

using server::command::Table;

constexpr size_t kStepsOfAStory = 200;
constexpr size_t kMostDifferences = 25;
// Of so many commands each must have been drawn, with all its options.
constexpr size_t kEnoughForAll = 200000;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kCommands = 20000;
#else
constexpr size_t kCommands = kEnoughForAll;
#endif

// HOLDFAST_DIFFERENTIAL_COMMANDS and HOLDFAST_DIFFERENTIAL_SEED, for those who look for more.
size_t FromEnvironment(const char* name, size_t otherwise) {
  const char* wanted = std::getenv(name);
  return wanted == nullptr ? otherwise : std::strtoul(wanted, nullptr, 10);
}

// Options that the oracle's documentation has and ours has not, with the reason.
bool IsLeftOut(const std::string& command, const std::string& token) {
  (void)command, (void)token;
  return false;
}

class StoryTest : public testing::Test {
 protected:
  void SetUp() override {
    oracle_ = harness::Oracle::Get();
    ASSERT_NE(oracle_, nullptr) << "no redis-check-rdb (package redis-tools)";
    known_ = AskForSyntax(*oracle_);
  }

  void PlayOne(const std::vector<Step>& story) {
    Duel duel(*oracle_);
    const std::optional<Difference> seen = duel.Play(story);
    for (const auto& [command, times] : duel.succeeded()) succeeded_[command] += times;
    if (!seen) return;
    ++differences_;
    const std::vector<Step> shrunk = Shrink(story, *oracle_);
    const std::optional<Difference> left = Duel(*oracle_).Play(shrunk);
    ADD_FAILURE() << (left ? left->what : seen->what) << "\n--- as a transcript\n"
                  << AsTranscript(shrunk, *oracle_);
  }

  // One line a command: how often it was drawn, and how often its reply was no error.
  void PrintCounts(const Stories& stories) {
    for (size_t i = 0; i < TheTable().size(); ++i) {
      const std::string name(TheTable().at(i).command->name);
      const std::string reason = ReasonNotToDraw(TheTable().at(i), known_);
      const auto drawn = stories.drawn().find(name);
      std::cout << name << ": ";
      if (reason.empty()) {
        std::cout << (drawn == stories.drawn().end() ? 0 : drawn->second) << " drawn, " << succeeded_[name]
                  << " answered\n";
      } else {
        std::cout << reason << "\n";
      }
    }
  }

  void PrintMissing() {
    for (const auto& [name, tokens] : known_.commands()) {
      if (TheTable().Lookup(name) == nullptr) std::cout << name << ": the oracle has it, we have not\n";
    }
  }

  void ExpectAllDrawn(const Stories& stories) {
    for (size_t i = 0; i < TheTable().size(); ++i) {
      const Table::Entry& entry = TheTable().at(i);
      const std::string name(entry.command->name);
      if (!ReasonNotToDraw(entry, known_).empty()) continue;
      EXPECT_TRUE(stories.drawn().contains(name)) << name << " was never drawn";
      EXPECT_GT(succeeded_[name], 0) << name << " never succeeded";
      ExpectOptionsDrawn(entry, stories);
    }
  }

  void ExpectOptionsDrawn(const Table::Entry& entry, const Stories& stories) {
    const std::string name(entry.command->name);
    std::set<std::string> ours;
    CollectTokens(entry.syntax.arguments(), ours);
    for (const std::string& token : ours) {
      if (!known_.HasToken(name, token)) {
        std::cout << name << " " << token << ": newer than the oracle\n";
      } else {
        EXPECT_TRUE(stories.drawn_tokens().contains(name + " " + token)) << name << " " << token;
      }
    }
    for (const std::string& token : known_.commands().find(name)->second) {
      EXPECT_TRUE(ours.contains(token) || IsLeftOut(name, token)) << name << " lacks the oracle's " << token;
    }
  }

  harness::Oracle* oracle_ = nullptr;
  KnownSyntax known_;
  std::map<std::string, int> succeeded_;
  size_t differences_ = 0;
};

TEST_F(StoryTest, IsHeardAsTheOracleTellsIt) {
  const size_t commands = FromEnvironment("HOLDFAST_DIFFERENTIAL_COMMANDS", kCommands);
  Stories stories(FromEnvironment("HOLDFAST_DIFFERENTIAL_SEED", 1), TheTable(), known_);
  for (size_t played = 0; played < commands && differences_ < kMostDifferences; played += kStepsOfAStory) {
    PlayOne(stories.Draw(kStepsOfAStory));
  }
  PrintCounts(stories);
  PrintMissing();
  if (commands >= kEnoughForAll && differences_ < kMostDifferences) ExpectAllDrawn(stories);
}

}  // namespace
}  // namespace holdfast::differential
