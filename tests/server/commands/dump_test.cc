#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/dump/listpack.h"
#include "storage/dump/payload.h"
#include "storage/dump/value.h"
#include "tests/harness/engine_harness.h"

// What a transcript of DUMP and RESTORE cannot show well.
namespace holdfast::server::commands {
namespace {

namespace dump = storage::dump;

class DumpTest : public testing::Test {
 protected:
  std::string Ask(const std::vector<std::string>& words) {
    server_.Send("main", words);
    return server_.Take("main");
  }
  std::string Payload(const std::string& key) {
    server_.Send("main", {"DUMP", key});
    return server_.client("main").Take().at(0).text;
  }

  harness::EngineHarness server_;
};

// A stream whose one field name stands there once, and counts for each of its entries.
std::string StreamWithLongName(size_t name_bytes, int entries) {
  dump::ListpackWriter node;
  node.AppendNumber(entries);
  node.AppendNumber(0);
  node.AppendNumber(1);
  node.Append(std::string(name_bytes, 'n'));
  node.AppendNumber(0);
  for (int i = 1; i <= entries; ++i) {
    for (const int64_t number : {2, i, 0}) node.AppendNumber(number);
    node.Append("v");
    node.AppendNumber(4);
  }
  std::string payload(1, static_cast<char>(dump::Form::kStream));
  dump::AppendLength(payload, 1);
  dump::AppendString(payload, std::string(16, '\0'));
  dump::AppendString(payload, node.Finish());
  for (const int length : {entries, entries, 0, 0})
    dump::AppendLength(payload, static_cast<uint64_t>(length));
  dump::Seal(payload);
  return payload;
}

TEST_F(DumpTest, ASmallPayloadThatHoldsTooMuchIsRefused) {
  EXPECT_EQ(Ask({"RESTORE", "fits", "0", StreamWithLongName(1000, 100)}), "OK");
  EXPECT_EQ(Ask({"XLEN", "fits"}), "(integer) 100");
  EXPECT_EQ(Ask({"RESTORE", "bomb", "0", StreamWithLongName(100'000, 11'000)}),
            "(error) ERR DUMP payload holds more than one command may store");
  EXPECT_EQ(Ask({"EXISTS", "bomb"}), "(integer) 0");
}

TEST_F(DumpTest, OfWhatIsRefusedNothingIsLeft) {
  (void)Ask({"RPUSH", "l", "a", "b"});
  (void)Ask({"EXPIRE", "l", "100"});
  std::string twice(1, static_cast<char>(dump::Form::kSet));
  dump::AppendLength(twice, 300);
  for (int i = 0; i < 300; ++i) dump::AppendString(twice, "member " + std::to_string(i % 299));
  dump::Seal(twice);
  EXPECT_EQ(Ask({"RESTORE", "l", "0", twice, "REPLACE"}), "(error) ERR Bad data format");
  EXPECT_EQ(Ask({"LRANGE", "l", "0", "-1"}), "1) \"a\"\n2) \"b\"");
  EXPECT_EQ(Ask({"TTL", "l"}), "(integer) 100");
  EXPECT_EQ(Ask({"DBSIZE"}), "(integer) 1");
}

TEST_F(DumpTest, ADumpIsOneRead) {
  (void)Ask({"HSET", "h", "f", "v"});
  (void)Payload("h");
  (void)Ask({"DUMP", "absent"});
  const std::string info = Ask({"INFO", "stats"});
  EXPECT_NE(info.find("keyspace_hits:1"), std::string::npos) << info;
  EXPECT_NE(info.find("keyspace_misses:1"), std::string::npos) << info;
}

TEST_F(DumpTest, WhatWasRestoredIsThereAfterARestart) {
  (void)Ask({"ZADD", "z", "1", "a", "2.5", "b"});
  const std::string payload = Payload("z");
  EXPECT_EQ(Ask({"RESTORE", "again", "60000", payload}), "OK");
  server_.Restart();
  EXPECT_EQ(Payload("again"), payload);
  EXPECT_EQ(Ask({"TTL", "again"}), "(integer) 60");
}

}  // namespace
}  // namespace holdfast::server::commands
