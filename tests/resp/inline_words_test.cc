#include "resp/inline_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace holdfast::resp {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

std::optional<std::vector<std::string>> Split(std::string_view line) {
  Words words;
  std::string unescaped = "left over from an earlier line";
  if (!SplitInlineWords(line, words, unescaped)) return std::nullopt;
  return std::vector<std::string>(words.begin(), words.end());
}

TEST(InlineWordsTest, WhiteSpaceSeparates) {
  EXPECT_THAT(Split("set a b"), Optional(ElementsAre("set", "a", "b")));
  EXPECT_THAT(Split(" \t\v\f a \r  b\t"), Optional(ElementsAre("a", "b")));
  EXPECT_THAT(Split(""), Optional(ElementsAre()));
  EXPECT_THAT(Split("   "), Optional(ElementsAre()));
}

TEST(InlineWordsTest, VerticalTabAndFormFeedStayInsideAWord) {
  EXPECT_THAT(Split("a\vb c\fd"), Optional(ElementsAre("a\vb", "c\fd")));
}

TEST(InlineWordsTest, DoubleQuotesTakeEscapes) {
  EXPECT_THAT(Split(R"("a b")"), Optional(ElementsAre("a b")));
  EXPECT_THAT(Split(R"("\n\r\t\b\a")"), Optional(ElementsAre("\n\r\t\b\a")));
  EXPECT_THAT(Split(R"("\"\\\'\z")"), Optional(ElementsAre("\"\\'z")));
  EXPECT_THAT(Split(R"("\x41\xfF\x00")"), Optional(ElementsAre(std::string("A\xff\0", 3))));
}

TEST(InlineWordsTest, HalfAHexEscapeIsAnX) {
  EXPECT_THAT(Split(R"("\x4")"), Optional(ElementsAre("x4")));
  EXPECT_THAT(Split(R"("\xg0")"), Optional(ElementsAre("xg0")));
  EXPECT_THAT(Split(R"("\x0g")"), Optional(ElementsAre("x0g")));
}

TEST(InlineWordsTest, SingleQuotesTakeOnlyTheirOwnEscape) {
  EXPECT_THAT(Split(R"('it\'s')"), Optional(ElementsAre("it's")));
  EXPECT_THAT(Split(R"('a "b" \n\x41')"), Optional(ElementsAre(R"(a "b" \n\x41)")));
}

TEST(InlineWordsTest, QuotesMayOpenInsideAWord) {
  EXPECT_THAT(Split(R"(foo"bar baz" 'x'	y)"), Optional(ElementsAre("foobar baz", "x", "y")));
}

TEST(InlineWordsTest, EmptyQuotesAreAnEmptyWord) {
  EXPECT_THAT(Split(R"(set a "")"), Optional(ElementsAre("set", "a", "")));
  EXPECT_THAT(Split("''"), Optional(ElementsAre("")));
}

TEST(InlineWordsTest, BackslashesOutsideQuotesArePlain) {
  EXPECT_THAT(Split(R"(\"b c")"), Optional(ElementsAre(R"(\b c)")));
  EXPECT_THAT(Split(R"(a\n b\)"), Optional(ElementsAre(R"(a\n)", R"(b\)")));
}

TEST(InlineWordsTest, NulIsAnOrdinaryByte) {
  const std::string line("a\0b \"c\0\"", 8);
  EXPECT_THAT(Split(line), Optional(ElementsAre(std::string("a\0b", 3), std::string("c\0", 2))));
}

TEST(InlineWordsTest, UnbalancedQuotesAreRefused) {
  for (std::string_view line : {R"("a)", R"('a)", R"(a ")", R"("a"b)", R"('a'b)", R"("a""b")", R"("a\")",
                                R"('a\')", R"("a'b)", R"("\)"}) {
    EXPECT_THAT(Split(line), Eq(std::nullopt)) << line;
  }
}

TEST(InlineWordsTest, EarlierWordsSurviveLaterOnes) {
  std::string line;
  for (int i = 0; i < 100; ++i) line += "\"word " + std::to_string(i) + "\" plain ";
  const auto words = Split(line);
  ASSERT_TRUE(words);
  ASSERT_EQ(words->size(), 200u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ((*words)[2 * i], "word " + std::to_string(i));
}

TEST(InlineWordsTest, WordsWithoutQuotesAreViewsOfTheLine) {
  const std::string line = "lpush q 'x y'";
  Words words;
  std::string unescaped;
  ASSERT_TRUE(SplitInlineWords(line, words, unescaped));
  EXPECT_EQ(words[0].data(), line.data());
  EXPECT_EQ(words[1].data(), line.data() + 6);
  EXPECT_EQ(words[2].data(), unescaped.data());
}

}  // namespace
}  // namespace holdfast::resp
