#include "tests/transcripts/transcript.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/transcripts/stages.h"

namespace holdfast::transcripts {
namespace {

std::vector<std::string> AllNames() {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(HOLDFAST_TRANSCRIPTS)) {
    if (file.path().extension() == ".txt") names.push_back(file.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Transcript Load(const std::string& name) {
  const std::string path = std::string(HOLDFAST_TRANSCRIPTS) + "/" + name + ".txt";
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::string error;
  const std::optional<Transcript> transcript = ParseTranscript(path, text, error);
  EXPECT_EQ(error, "");
  return transcript.value_or(Transcript{});
}

// Those that a real Redis can play.
std::vector<std::string> OracleNames() {
  std::vector<std::string> names = AllNames();
  std::erase_if(names, [](const std::string& name) { return Load(name).in_process_only; });
  return names;
}

class TranscriptTest : public testing::TestWithParam<std::string> {};
class OracleTranscriptTest : public testing::TestWithParam<std::string> {};

TEST_P(TranscriptTest, HoldsInProcess) {
  InProcessStage stage;
  EXPECT_EQ(Play(Load(GetParam()), stage), "");
}

TEST_P(OracleTranscriptTest, HoldsWithTheOracle) {
  harness::Oracle* oracle = harness::Oracle::Get();
  ASSERT_NE(oracle, nullptr) << "no redis-check-rdb (package redis-tools)";
  OracleStage stage(*oracle);
  EXPECT_EQ(Play(Load(GetParam()), stage), "");
}

INSTANTIATE_TEST_SUITE_P(All, TranscriptTest, testing::ValuesIn(AllNames()),
                         [](const auto& instance) { return instance.param; });
INSTANTIATE_TEST_SUITE_P(All, OracleTranscriptTest, testing::ValuesIn(OracleNames()),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace holdfast::transcripts
