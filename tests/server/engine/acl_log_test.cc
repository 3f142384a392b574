#include "server/engine/acl_log.h"

#include <gtest/gtest.h>

namespace holdfast::server::engine {
namespace {

constexpr size_t kMany = 128;

command::AclLogEntry Entry(std::string object, int second = 0) {
  command::AclLogEntry entry;
  entry.reason = "key";
  entry.context = "toplevel";
  entry.object = std::move(object);
  entry.user = "u";
  entry.updated = absl::FromUnixSeconds(second);
  return entry;
}

TEST(AclLogTest, MergesTheSameWithinAMinute) {
  AclLog log;
  log.Add(Entry("a", 0), kMany);
  log.Add(Entry("b", 1), kMany);
  log.Add(Entry("a", 60), kMany);
  ASSERT_EQ(log.entries().size(), 2);
  const command::AclLogEntry& first = *log.entries()[0];
  EXPECT_EQ(first.object, "a");
  EXPECT_EQ(first.count, 2);
  EXPECT_EQ(first.id, 0);
  EXPECT_EQ(first.created, absl::FromUnixSeconds(0));
  EXPECT_EQ(first.updated, absl::FromUnixSeconds(60));
  log.Add(Entry("a", 121), kMany);
  EXPECT_EQ(log.entries().size(), 3);
  EXPECT_EQ(log.entries()[0]->id, 2);
}

TEST(AclLogTest, SearchesOnlyTheNewest) {
  AclLog log;
  log.Add(Entry("a"), kMany);
  for (int i = 0; i < 10; ++i) log.Add(Entry(std::to_string(i)), kMany);
  log.Add(Entry("a"), kMany);
  EXPECT_EQ(log.entries().size(), 12);
}

TEST(AclLogTest, KeepsAsManyAsItMay) {
  AclLog log;
  for (int i = 0; i < 5; ++i) log.Add(Entry(std::to_string(i)), 3);
  EXPECT_EQ(log.entries().size(), 3);
  EXPECT_EQ(log.entries()[0]->object, "4");
  log.Add(Entry("x"), 0);
  EXPECT_TRUE(log.entries().empty());
}

}  // namespace
}  // namespace holdfast::server::engine
