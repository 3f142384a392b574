#include "server/command/syntax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace holdfast::server::command {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Words = std::vector<std::string_view>;

struct SyntaxCase {
  std::string_view name;
  std::string_view line;
  int arity;
  int first;
  int last;
  int step;
  bool movable = false;
};

class SyntaxTest : public testing::TestWithParam<SyntaxCase> {};

TEST_P(SyntaxTest, GivesArityAndKeysAsRedisReportsThem) {
  const SyntaxCase& expected = GetParam();
  const Syntax syntax(expected.name, expected.line);
  EXPECT_EQ(syntax.arity(), expected.arity);
  EXPECT_EQ(syntax.first_key(), expected.first);
  EXPECT_EQ(syntax.last_key(), expected.last);
  EXPECT_EQ(syntax.key_step(), expected.step);
  EXPECT_EQ(syntax.has_movable_keys(), expected.movable);
}

INSTANTIATE_TEST_SUITE_P(
    All, SyntaxTest,
    testing::Values(
        SyntaxCase{"ping", "[message]", -1, 0, 0, 0}, SyntaxCase{"get", "key", 2, 1, 1, 1},
        SyntaxCase{"del", "key [key ...]", -2, 1, -1, 1},
        SyntaxCase{"mset", "key value [key value ...]", -3, 1, -1, 2},
        SyntaxCase{"brpop", "key [key ...] timeout", -3, 1, -2, 1},
        SyntaxCase{"zadd", "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]", -4, 1, 1,
                   1},
        SyntaxCase{"lmove", "source destination <LEFT | RIGHT> <LEFT | RIGHT>", 5, 1, 2, 1},
        SyntaxCase{"bitop", "<AND | OR | XOR | NOT> destkey key [key ...]", -4, 2, -1, 1},
        SyntaxCase{"lmpop", "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]", -4, 0, 0, 0, true},
        SyntaxCase{"blmpop", "timeout numkeys key [key ...] <LEFT | RIGHT>", -5, 0, 0, 0, true},
        SyntaxCase{"zunionstore", "destination numkeys key [key ...] [AGGREGATE <SUM | MIN | MAX>]", -4, 1, 1,
                   1, true},
        SyntaxCase{"eval", "script numkeys [key [key ...]] [arg [arg ...]]", -3, 0, 0, 0, true},
        SyntaxCase{"object|encoding", "key", 3, 2, 2, 1},
        SyntaxCase{"set", "key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]", -3, 1, 1,
                   1}));

// Where they stand.
std::vector<size_t> Keys(const Syntax& syntax, const Words& words) {
  std::vector<size_t> keys;
  for (const KeyPlace& place : syntax.KeysIn(words)) keys.push_back(place.word);
  return keys;
}

TEST(SyntaxKeysTest, AreFoundByPositionCountAndKeyword) {
  EXPECT_THAT(Keys(Syntax("del", "key [key ...]"), Words{"del", "a", "b"}), ElementsAre(1, 2));
  EXPECT_THAT(Keys(Syntax("mset", "key value [key value ...]"), Words{"mset", "a", "1", "b", "2"}),
              ElementsAre(1, 3));
  EXPECT_THAT(Keys(Syntax("brpop", "key [key ...] timeout"), Words{"brpop", "a", "b", "0"}),
              ElementsAre(1, 2));
  const Syntax eval("eval", "script numkeys [key [key ...]] [arg [arg ...]]");
  EXPECT_THAT(Keys(eval, Words{"eval", "s", "2", "a", "b", "c"}), ElementsAre(3, 4));
  EXPECT_THAT(Keys(eval, Words{"eval", "s", "9", "a"}), IsEmpty());
  EXPECT_THAT(Keys(eval, Words{"eval", "s", "x", "a"}), IsEmpty());
  EXPECT_THAT(Keys(eval, Words{"eval", "s", "-2", "a", "b"}), IsEmpty());
  EXPECT_THAT(Keys(eval, Words{"eval", "s", "1e2", "a", "b"}), ElementsAre(3));
  EXPECT_THAT(Keys(eval, Words{"eval", "s", " +2.5", "a", "b"}), ElementsAre(3, 4));
  EXPECT_THAT(Keys(eval, Words{"eval", "s", "3x", "a", "b"}), IsEmpty());
  const Syntax store("zunionstore", "destination numkeys key [key ...]", "OW update, RO access");
  EXPECT_THAT(Keys(store, Words{"zunionstore", "d", "2", "a", "b"}), ElementsAre(1, 3, 4));
  EXPECT_THAT(Keys(store, Words{"zunionstore", "d", "2x", "a", "b"}), ElementsAre(3, 4, 1));
  EXPECT_EQ(store.KeysIn(Words{"zunionstore", "d", "2x", "a", "b"})[0].flags, "");
  const Syntax sort("sort", "key [LIMIT offset count] [STORE destination]");
  EXPECT_THAT(Keys(sort, Words{"sort", "a", "store", "b"}), ElementsAre(1, 3));
  EXPECT_THAT(Keys(sort, Words{"sort", "store", "alpha"}), ElementsAre(1));
  EXPECT_THAT(Keys(sort, Words{"sort", "a", "store", "b", "store", "c"}), ElementsAre(1, 5));
  const Syntax read("xread", "[COUNT count] STREAMS key [key ...] id [id ...]");
  EXPECT_THAT(Keys(read, Words{"xread", "streams", "a", "b", "0", "1"}), ElementsAre(2, 3));
  EXPECT_THAT(Keys(read, Words{"xread", "count", "streams", "streams", "streams", "0"}), ElementsAre(3));
  EXPECT_THAT(Keys(read, Words{"xread", "count", "1"}), IsEmpty());
  EXPECT_THAT(Keys(sort, Words{"sort", "a", "limit", "store", "1"}), ElementsAre(1));
}

TEST(SyntaxTest, KeysBehindAKeywordTakeThePlaceOfAnEmptyOne) {
  const Syntax migrate("migrate",
                       "host <key | \"\"> timeout [COPY] [AUTH password] [AUTH2 username password] "
                       "[KEYS key [key ...]]");
  EXPECT_EQ(migrate.first_key(), 2);
  EXPECT_TRUE(migrate.has_movable_keys());
  EXPECT_THAT(Keys(migrate, Words{"migrate", "h", "k", "1"}), ElementsAre(2));
  EXPECT_THAT(Keys(migrate, Words{"migrate", "h", "", "1", "KEYS", "a", "b"}), ElementsAre(5, 6));
  EXPECT_THAT(Keys(migrate, Words{"migrate", "h", "", "1", "auth2", "keys", "keys", "copy", "keys", "a"}),
              ElementsAre(9));
  EXPECT_THAT(Keys(migrate, Words{"migrate", "h", "k", "1", "KEYS", "a"}), IsEmpty());
  EXPECT_THAT(Keys(migrate, Words{"migrate", "h", "k", "1", "KEYS"}), ElementsAre(2));
}

TEST(SyntaxArgumentsTest, AreATree) {
  const std::vector<Argument> arguments =
      ParseArguments("key [EX seconds | KEEPTTL] [LIMIT offset count] field value [field value ...]");
  ASSERT_EQ(arguments.size(), 4u);
  EXPECT_EQ(arguments[0].type, Argument::Type::kKey);
  EXPECT_EQ(arguments[1].type, Argument::Type::kOneOf);
  EXPECT_TRUE(arguments[1].optional);
  EXPECT_EQ(arguments[1].children[0].token, "EX");
  EXPECT_EQ(arguments[1].children[0].type, Argument::Type::kInteger);
  EXPECT_EQ(arguments[1].children[1].type, Argument::Type::kPureToken);
  EXPECT_EQ(arguments[2].token, "LIMIT");
  EXPECT_EQ(arguments[2].children.size(), 2u);
  EXPECT_EQ(arguments[3].type, Argument::Type::kBlock);
  EXPECT_TRUE(arguments[3].multiple);
}

}  // namespace
}  // namespace holdfast::server::command
