#include "storage/loan_book.h"

#include "gtest/gtest.h"

namespace holdfast::storage {
namespace {

class LoanBookTest : public ::testing::Test {
 protected:
  LoanBookTest() { transaction_.Open(1); }

  // Ends a turn `after` the start.
  void Turn(LoanBook& book, absl::Duration after = absl::ZeroDuration()) {
    transaction_.Put("Kany", "effect");
    book.Write(transaction_, absl::FromUnixSeconds(1000) + after);
  }
  LoanBook Reloaded() {
    LoanBook book{{}};
    book.Load(transaction_);
    return book;
  }

  View view_;
  Transaction transaction_{view_, 7};
};

TEST_F(LoanBookTest, ALoanIsRepaidOnce) {
  LoanBook book{{}};
  book.Take(5, 100);
  EXPECT_EQ(book.Find(5), 100U);
  EXPECT_EQ(book.Repay(5), 100U);
  EXPECT_EQ(book.Repay(5), std::nullopt);
  EXPECT_EQ(book.Repay(6), std::nullopt);
}

TEST_F(LoanBookTest, EqualJobsAreAsManyLoans) {
  LoanBook book{{}};
  book.Take(5, 100);
  book.Take(5, 100);
  Turn(book);
  EXPECT_EQ(book.Count(5), 2U);
  EXPECT_EQ(Reloaded().Count(5), 2U);
  EXPECT_EQ(book.Repay(5), 100U);
  EXPECT_EQ(book.Repay(5), 100U);
  EXPECT_EQ(book.Repay(5), std::nullopt);
  Turn(book);
  EXPECT_EQ(Reloaded().Count(5), 0U);
}

TEST_F(LoanBookTest, IsReadBack) {
  LoanBook book{{}};
  book.Take(1, 10);
  book.Take(2, 20);
  Turn(book);
  book.Take(3, 30);
  (void)book.Repay(1);
  Turn(book);
  (void)book.Repay(3);
  Turn(book);
  book.Take(4, 40);  // never written
  LoanBook reloaded = Reloaded();
  EXPECT_EQ(reloaded.size(), 1U);
  EXPECT_EQ(reloaded.Find(2), 20U);
  reloaded.Take(9, 90);
  Turn(reloaded);
  EXPECT_EQ(Reloaded().Find(9), 90U);
}

TEST_F(LoanBookTest, TheOldestEndWhenThereAreTooMany) {
  LoanBook book{{.loans = 3}};
  for (uint64_t job = 1; job <= 6; ++job) {
    book.Take(job, 10);
    Turn(book);
  }
  EXPECT_EQ(book.size(), 3U);
  EXPECT_EQ(book.Find(3), std::nullopt);
  EXPECT_EQ(book.Find(4), 10U);
  EXPECT_EQ(Reloaded().size(), 3U);
}

TEST_F(LoanBookTest, EndWithTimeButNotThoseTakenAgain) {
  LoanBook book{{.age = absl::Hours(1)}};
  book.Take(1, 10);
  book.Take(2, 10);
  Turn(book);
  book.Take(2, 15);
  Turn(book, absl::Minutes(30));
  Turn(book, absl::Minutes(61));
  EXPECT_EQ(book.Find(1), std::nullopt);
  EXPECT_EQ(book.Find(2), 15U);
  EXPECT_EQ(book.Count(2), 1U);
  Turn(book, absl::Minutes(91));
  EXPECT_EQ(book.size(), 0U);
  EXPECT_EQ(Reloaded().size(), 0U);
}

TEST_F(LoanBookTest, NoTurnBecomesAWriteByIt) {
  LoanBook book{{.age = absl::Hours(1)}};
  book.Take(1, 10);
  Turn(book);
  const Transaction::Mark mark = transaction_.mark();
  EXPECT_EQ(book.unwritten_bytes(), 0U);
  Turn(book);
  EXPECT_EQ(transaction_.mark().changes, mark.changes + 1);
}

TEST_F(LoanBookTest, IsNotedOnceEachTimeItIsTaken) {
  LoanBook book{{}};
  EXPECT_FALSE(book.Note(1));
  book.Take(1, 10);
  EXPECT_FALSE(book.IsNoted(1));
  EXPECT_TRUE(book.Note(1));
  EXPECT_FALSE(book.Note(1));
  EXPECT_TRUE(book.IsNoted(1));
  book.Take(1, 10);
  EXPECT_FALSE(book.IsNoted(1));
}

}  // namespace
}  // namespace holdfast::storage
