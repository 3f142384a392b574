#include "server/command/table.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/command/context.h"
#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

Outcome Nothing(Context&) { return Done{}; }

constexpr Command Entry(std::string_view name, std::string_view syntax) {
  return {name, syntax, kFast, "generic", "1.0.0", "O(1)", "Does nothing.", &Nothing};
}

constexpr Command kFamily[] = {Entry("get", "key"), Entry("client|setname", "connection-name"),
                               Entry("client|id", ""), Entry("command", "[arg [arg ...]]"),
                               Entry("command|count", "")};

class TableTest : public testing::Test {
 protected:
  // The name of what is found, or the error.
  std::string Find(const std::vector<std::string_view>& words) const {
    std::optional<CommandError> error;
    const Table::Entry* entry = table_.Find(words, error);
    return entry != nullptr ? std::string(entry->command->name) : std::string(error->text());
  }

  const std::span<const Command> families_[1] = {kFamily};
  const Table table_{families_};
};

TEST_F(TableTest, FindsNamesInAnyCase) {
  EXPECT_EQ(Find({"GET", "k"}), "get");
  EXPECT_EQ(Find({"gEt", "k"}), "get");
  EXPECT_EQ(Find({"Client", "SetName", "x"}), "client|setname");
}

TEST_F(TableTest, ShowsWhatItDoesNotKnow) {
  EXPECT_EQ(Find({"nope"}), "ERR unknown command 'nope', with args beginning with: ");
  EXPECT_EQ(Find({"nope", "a", "b"}), "ERR unknown command 'nope', with args beginning with: 'a' 'b' ");
  EXPECT_EQ(Find({"client|id"}), "ERR unknown command 'client|id', with args beginning with: ");
  EXPECT_EQ(Find({"client", "nope"}), "ERR unknown subcommand 'nope'. Try CLIENT HELP.");
}

TEST_F(TableTest, CutsLongWordsInErrors) {
  const std::string name(1000, 'n');
  const std::string argument(1000, 'a');
  EXPECT_EQ(Find({name, argument, "b"}), "ERR unknown command '" + name.substr(0, 128) +
                                             "', with args beginning with: '" + argument.substr(0, 128) +
                                             "' ");
}

TEST_F(TableTest, ChecksTheNumberOfWords) {
  EXPECT_EQ(Find({"get"}), "ERR wrong number of arguments for 'get' command");
  EXPECT_EQ(Find({"get", "a", "b"}), "ERR wrong number of arguments for 'get' command");
  EXPECT_EQ(Find({"client"}), "ERR wrong number of arguments for 'client' command");
  EXPECT_EQ(Find({"client", "setname"}), "ERR wrong number of arguments for 'client|setname' command");
}

TEST_F(TableTest, ContainerMayBeACommandToo) {
  EXPECT_EQ(Find({"command"}), "command");
  EXPECT_EQ(Find({"command", "count"}), "command|count");
  EXPECT_EQ(Find({"command", "x"}), "ERR unknown subcommand 'x'. Try COMMAND HELP.");
}

TEST_F(TableTest, EveryContainerHasHelp) {
  EXPECT_EQ(Find({"client", "help"}), "client|help");
  EXPECT_EQ(Find({"command", "HELP"}), "command|help");
}

TEST_F(TableTest, LooksUpFullNames) {
  EXPECT_EQ(table_.Lookup("CLIENT|ID")->command->name, "client|id");
  EXPECT_EQ(table_.Lookup("nope"), nullptr);
  EXPECT_EQ(table_.Lookup(std::string(100, 'x')), nullptr);
}

TEST_F(TableTest, IndexesAreDense) {
  for (size_t i = 0; i < table_.size(); ++i) EXPECT_EQ(table_.at(i).index, i);
}

TEST(WordsTest, FoldsAsciiOnly) {
  EXPECT_TRUE(EqualsIgnoreCase("LiMiT", "lImIt"));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_EQ(Lower("A\xC4Z"), "a\xC4z");
  EXPECT_EQ(Upper("a\xE4z"), "A\xE4Z");
  EXPECT_EQ(Concat({"a", "", "bc"}), "abc");
}

}  // namespace
}  // namespace holdfast::server::command
