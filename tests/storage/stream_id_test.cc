#include "storage/stream_id.h"

#include <gtest/gtest.h>

#include "storage/stream_head.h"

namespace holdfast::storage {
namespace {

TEST(StreamIdTest, HasNeighboursUpToTheEnds) {
  EXPECT_EQ((StreamId{1, 2}.Next()), (StreamId{1, 3}));
  EXPECT_EQ((StreamId{1, UINT64_MAX}.Next()), (StreamId{2, 0}));
  EXPECT_FALSE(kHighestStreamId.Next());
  EXPECT_EQ((StreamId{1, 2}.Previous()), (StreamId{1, 1}));
  EXPECT_EQ((StreamId{1, 0}.Previous()), (StreamId{0, UINT64_MAX}));
  EXPECT_FALSE(StreamId{}.Previous());
}

TEST(StreamIdTest, IsStoredInItsOrder) {
  std::string low;
  std::string high;
  AppendStreamId(low, {255, UINT64_MAX});
  AppendStreamId(high, {256, 0});
  EXPECT_LT(low, high);
  EXPECT_EQ(ReadStreamId(low), (StreamId{255, UINT64_MAX}));
}

TEST(StreamHeadTest, SurvivesItsStoredForm) {
  const StreamHead head{.last = {5, 1},
                        .first = {2, 0},
                        .max_deleted = {4, 0},
                        .added = 300,
                        .nodes = 2,
                        .open_first = {3, 0},
                        .open_live = 7,
                        .open_total = 9,
                        .open_bytes = 1000,
                        .open_fields = UINT64_MAX};
  const StreamHead read = DecodeStreamHead(EncodeStreamHead(head));
  EXPECT_EQ(read.last, head.last);
  EXPECT_EQ(read.first, head.first);
  EXPECT_EQ(read.max_deleted, head.max_deleted);
  EXPECT_EQ(read.open_first, head.open_first);
  EXPECT_EQ(read.added, 300u);
  EXPECT_EQ(read.nodes, 2u);
  EXPECT_EQ(read.open_live, 7u);
  EXPECT_EQ(read.open_total, 9u);
  EXPECT_EQ(read.open_bytes, 1000u);
  EXPECT_EQ(read.open_fields, UINT64_MAX);
  EXPECT_EQ(DecodeStreamHead("").added, 0u);
}

}  // namespace
}  // namespace holdfast::storage
