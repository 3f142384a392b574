#include "storage/library_table.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class LibraryTableTest : public ::testing::Test {
 protected:
  LibraryTableTest() { transaction_.Open(1); }

  std::vector<std::string> All() const {
    std::vector<std::string> all;
    table_.ForEach([&](std::string_view code) { all.emplace_back(code); });
    return all;
  }

  View view_;
  Transaction transaction_{view_, 7};
  LibraryTable table_{transaction_};
};

TEST_F(LibraryTableTest, HoldsOneCodeForEachName) {
  EXPECT_EQ(table_.generation(), 0U);
  EXPECT_THAT(All(), IsEmpty());
  table_.Put("a", "code of a");
  table_.Put("b", "code of b");
  EXPECT_THAT(All(), UnorderedElementsAre("code of a", "code of b"));
  table_.Put("a", "new code");
  EXPECT_THAT(All(), UnorderedElementsAre("new code", "code of b"));
  table_.Delete("b");
  EXPECT_THAT(All(), ElementsAre("new code"));
}

TEST_F(LibraryTableTest, NamesAndCodeOfAnyLength) {
  const std::string name(5000, 'n');
  const std::string code(1 << 20, 'c');
  table_.Put(name, code);
  table_.Put(name + "n", "other");
  EXPECT_THAT(All(), UnorderedElementsAre(code, "other"));
  table_.Delete(name);
  EXPECT_THAT(All(), ElementsAre("other"));
}

TEST_F(LibraryTableTest, EachChangeHasItsGenerationAndTakingBackBringsTheEarlierOne) {
  table_.Put("a", "1");
  const uint64_t first = table_.generation();
  const Transaction::Mark mark = transaction_.mark();
  table_.Put("a", "2");
  const uint64_t second = table_.generation();
  EXPECT_NE(first, second);
  transaction_.RollbackTo(mark);
  EXPECT_EQ(table_.generation(), first);
  EXPECT_THAT(All(), ElementsAre("1"));
  table_.Delete("a");
  EXPECT_NE(table_.generation(), first);
  EXPECT_NE(table_.generation(), second);
}

}  // namespace
}  // namespace holdfast::storage
