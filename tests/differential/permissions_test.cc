#include "tests/differential/permissions.h"

#include <gtest/gtest.h>

#include "tests/differential/oracle_syntax.h"
#include "tests/differential/shrink.h"

namespace holdfast::differential {
namespace {

constexpr size_t kStories = 150;
constexpr size_t kStepsOfAStory = 200;
constexpr size_t kMostDifferences = 10;

TEST(PermissionsTest, AreAsTheOracleTells) {
  harness::Oracle* oracle = harness::Oracle::Get();
  ASSERT_NE(oracle, nullptr) << "no redis-check-rdb (package redis-tools)";
  const KnownSyntax known = AskForSyntax(*oracle);
  PermissionStories stories(1, TheTable(), known);
  std::map<std::string, int> succeeded;
  size_t differences = 0;
  for (size_t i = 0; i < kStories && differences < kMostDifferences; ++i) {
    const std::vector<Step> story = stories.Draw(kStepsOfAStory);
    Duel duel(*oracle);
    const std::optional<Difference> seen = duel.Play(story);
    for (const auto& [command, times] : duel.succeeded()) succeeded[command] += times;
    if (!seen) continue;
    ++differences;
    ADD_FAILURE() << seen->what << "\n--- as a transcript\n" << AsTranscript(Shrink(story, *oracle), *oracle);
  }
  EXPECT_GT(succeeded["acl|setuser"], 1000);
  EXPECT_GT(succeeded["acl|dryrun"], 10000);
  EXPECT_GT(succeeded["acl|getuser"], 1000);
  EXPECT_GT(succeeded["command|getkeysandflags"], 1000);
}

}  // namespace
}  // namespace holdfast::differential
