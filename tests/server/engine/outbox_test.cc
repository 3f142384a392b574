#include "server/engine/outbox.h"

#include <gtest/gtest.h>

#include "server/engine/stored_request.h"
#include "tests/harness/test_client.h"

namespace holdfast::server::engine {
namespace {

TEST(OutboxTest, SendsSealedRepliesInOrderWhenTheirTurnIsDurable) {
  harness::TestClient client;
  Outbox outbox;
  outbox.open() = "one";
  outbox.Seal(1);
  outbox.open() = "two";
  outbox.Seal(2);
  outbox.open() = "open";
  EXPECT_EQ(outbox.bytes(), 10u);
  outbox.Release(1, client);
  EXPECT_EQ(client.TakeBytes(), "one");
  EXPECT_TRUE(outbox.has_sealed());
  outbox.Release(7, client);
  EXPECT_EQ(client.TakeBytes(), "two");
  EXPECT_FALSE(outbox.has_sealed());
  outbox.SendOpen(client);
  EXPECT_EQ(client.TakeBytes(), "open");
  EXPECT_EQ(outbox.bytes(), 0u);
}

TEST(OutboxTest, NothingToSealIsNoSeal) {
  Outbox outbox;
  outbox.Seal(1);
  EXPECT_FALSE(outbox.has_sealed());
}

TEST(OutboxTest, DropForgetsEverything) {
  harness::TestClient client;
  Outbox outbox;
  outbox.open() = "sealed";
  outbox.Seal(1);
  outbox.open() = "open";
  outbox.Drop();
  EXPECT_EQ(outbox.bytes(), 0u);
  outbox.Release(1, client);
  outbox.SendOpen(client);
  EXPECT_EQ(client.TakeBytes(), "");
}

TEST(StoredRequestTest, OutlivesTheWordsItWasMadeOfAndMoves) {
  std::vector<std::string> words = {"set", "k", std::string("a\0b", 3)};
  const std::vector<std::string_view> views(words.begin(), words.end());
  StoredRequest made(views);
  EXPECT_EQ(made.bytes(), 7u);
  words.assign(3, "overwritten");
  const StoredRequest request = std::move(made);
  ASSERT_EQ(request.words().size(), 3u);
  EXPECT_EQ(request.words()[0], "set");
  EXPECT_EQ(request.words()[2], std::string_view("a\0b", 3));
}

}  // namespace
}  // namespace holdfast::server::engine
