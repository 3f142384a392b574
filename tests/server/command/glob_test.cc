#include "server/command/glob.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace holdfast::server::command {
namespace {

TEST(GlobTest, LiteralMatchesOnlyItself) {
  EXPECT_TRUE(GlobMatches("queue:default", "queue:default"));
  EXPECT_FALSE(GlobMatches("queue:default", "queue:defaul"));
  EXPECT_FALSE(GlobMatches("queue:default", "queue:default2"));
  EXPECT_FALSE(GlobMatches("queue", "Queue"));
  EXPECT_TRUE(GlobMatches("", ""));
  EXPECT_FALSE(GlobMatches("", "a"));
  EXPECT_FALSE(GlobMatches("a", ""));
}

TEST(GlobTest, StarMatchesAnyBytes) {
  EXPECT_FALSE(GlobMatches("*", "")) << "nothing is matched by nothing alone, as in Redis";
  EXPECT_FALSE(GlobMatches("**", ""));
  EXPECT_TRUE(GlobMatches("queue:*", "queue:"));
  EXPECT_TRUE(GlobMatches("*:GRABBED", "uniquejobs:1:GRABBED"));
  EXPECT_TRUE(GlobMatches("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(GlobMatches("a*b*c", "a-b-b-d"));
  EXPECT_TRUE(GlobMatches("a***", "a"));
  EXPECT_TRUE(GlobMatches("*", std::string("\0\xff\n", 3)));
}

TEST(GlobTest, QuestionMarkMatchesOneByte) {
  EXPECT_TRUE(GlobMatches("h?llo", "hallo"));
  EXPECT_FALSE(GlobMatches("h?llo", "hllo"));
  EXPECT_FALSE(GlobMatches("a?", "a"));
}

TEST(GlobTest, ClassMatchesListedBytes) {
  EXPECT_TRUE(GlobMatches("h[ae]llo", "hello"));
  EXPECT_FALSE(GlobMatches("h[ae]llo", "hillo"));
  EXPECT_TRUE(GlobMatches("h[^e]llo", "hallo"));
  EXPECT_FALSE(GlobMatches("h[^e]llo", "hello"));
  EXPECT_TRUE(GlobMatches("h[a-c]llo", "hbllo"));
  EXPECT_TRUE(GlobMatches("h[c-a]llo", "hbllo"));
  EXPECT_FALSE(GlobMatches("h[a-c]llo", "hdllo"));
}

TEST(GlobTest, ClassEdgesAreRediss) {
  EXPECT_FALSE(GlobMatches("[]", "]"));
  EXPECT_TRUE(GlobMatches("[^]", "x"));
  EXPECT_TRUE(GlobMatches("[\\]]", "]"));
  EXPECT_TRUE(GlobMatches("[abc", "b"));
  EXPECT_FALSE(GlobMatches("[abc", "bb"));
  EXPECT_TRUE(GlobMatches("[a-", "-"));
  EXPECT_TRUE(GlobMatches("[a-]", "^"));  // the range from ']' to 'a'
  EXPECT_FALSE(GlobMatches("[a-]", "-"));
  EXPECT_FALSE(GlobMatches("[", "["));
  EXPECT_TRUE(GlobMatches("[^", "["));
}

TEST(GlobTest, BackslashTakesTheNextByteLiterally) {
  EXPECT_TRUE(GlobMatches("a\\*b", "a*b"));
  EXPECT_FALSE(GlobMatches("a\\*b", "axb"));
  EXPECT_TRUE(GlobMatches("a\\", "a\\"));
  EXPECT_TRUE(GlobMatches("\\a", "a"));
}

TEST(GlobTest, CaseIsIgnoredOnRequest) {
  EXPECT_TRUE(GlobMatchesIgnoreCase("MAX*", "maxmemory"));
  EXPECT_TRUE(GlobMatchesIgnoreCase("[A-C]x", "bX"));
  EXPECT_FALSE(GlobMatches("MAX*", "maxmemory"));
}

TEST(GlobTest, ManyStarsStayCheap) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  EXPECT_FALSE(GlobMatches(pattern + "b", std::string(20'000, 'a')));
}

// The definition, by recursion: slow and plainly right.
bool Slow(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return Slow(pattern.substr(1), text) || (!text.empty() && Slow(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         Slow(pattern.substr(1), text.substr(1));
}

TEST(GlobTest, AgreesWithTheDefinitionOnRandomPatterns) {
  std::mt19937 random(7);
  const auto word = [&](std::string_view letters) {
    std::string made;
    for (auto left = random() % 9; left > 0; --left) made += letters[random() % letters.size()];
    return made;
  };
  int matches = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string pattern = word("ab*?");
    const std::string text = word("ab");
    matches += (text.empty() ? pattern.empty() : Slow(pattern, text)) ? 1 : 0;
    ASSERT_EQ(GlobMatches(pattern, text), (text.empty() ? pattern.empty() : Slow(pattern, text)))
        << pattern << " on " << text;
  }
  EXPECT_GT(matches, 1000);
}

}  // namespace
}  // namespace holdfast::server::command
