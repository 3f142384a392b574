#include "server/config.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

TEST(ConfigTest, ReadsDirectivesCommentsAndQuotes) {
  engine::Settings settings;
  const absl::Status status = ReadConfigText("holdfast.conf",
                                             "# a comment\n"
                                             "\n"
                                             "port 6380\r\n"
                                             "  requirepass \"a b\\x21\"\n"
                                             "bind 127.0.0.1 ::1\n"
                                             "client-output-buffer-limit pubsub 64mb 16mb 90\n",
                                             settings);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(settings.Integer("port"), 6380);
  EXPECT_EQ(settings.Text("requirepass"), "a b!");
  EXPECT_EQ(settings.Text("bind"), "127.0.0.1 ::1");
  EXPECT_EQ(settings.pubsub_buffers().hard_bytes, 64U << 20);
}

TEST(ConfigTest, TakesWhatConfigSetRefuses) {
  engine::Settings settings;
  const absl::Status status = ReadConfigText("redis.conf",
                                             "dbfilename dump.rdb\n"
                                             "rdbchecksum yes\n"
                                             "syslog-ident queue\n"
                                             "replicaof primary 6379\n"
                                             "save 3600 1 300 100\n"
                                             "save 60 10000\n"
                                             "shutdown-on-sigterm now force\n"
                                             "oom-score-adj-values 0 200 800\n"
                                             "latency-tracking-info-percentiles 50 99\n"
                                             "maxmemory-policy volatile-lru\n",
                                             settings);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(settings.Text("replicaof"), "primary 6379");
  EXPECT_EQ(settings.Text("save"), "3600 1 300 100 60 10000");
  EXPECT_EQ(settings.Text("shutdown-on-sigterm"), "now force");
  EXPECT_EQ(settings.Text("maxmemory-policy"), "volatile-lru");
}

TEST(ConfigTest, RefusesUnknownDirectiveWithLineAndHint) {
  engine::Settings settings;
  const absl::Status status = ReadConfigText("holdfast.conf", "port 1\nmaxclient 5\n", settings);
  EXPECT_EQ(status.message(),
            "holdfast.conf line 2: unknown directive 'maxclient'; did you mean 'maxclients'?");
}

TEST(ConfigTest, RefusesWrongValuesWithTheirLine) {
  engine::Settings settings;
  EXPECT_EQ(ReadConfigText("f", "port http\n", settings).message(),
            "f line 1: wrong value 'http' for 'port': argument couldn't be parsed into an integer");
  EXPECT_EQ(ReadConfigText("f", "\n\nport\n", settings).message(), "f line 3: 'port' needs a value");
  EXPECT_EQ(ReadConfigText("f", "port 1 2\n", settings).message(),
            "f line 1: 'port' takes one value, got '1 2'");
  EXPECT_EQ(ReadConfigText("f", "dir \"x\n", settings).message(), "f line 1: unbalanced quotes");
}

TEST(ConfigTest, CommandLineWinsAndTakesLists) {
  engine::Settings settings;
  const std::string_view words[] = {"--port", "7000", "--bind",       "127.0.0.1", "::1",
                                    "--save", "",     "--durability", "off"};
  const absl::Status status = ReadCommandLine(words, settings);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(settings.Integer("port"), 7000);
  EXPECT_EQ(settings.Text("bind"), "127.0.0.1 ::1");
  EXPECT_EQ(settings.Text("durability"), "off");
}

TEST(ConfigTest, CommandLineNamesWhatIsWrong) {
  engine::Settings settings;
  const std::string_view stray[] = {"--port", "7000", "8000"};
  EXPECT_EQ(ReadCommandLine(stray, settings).message(),
            "command line: 'port' takes one value, got '7000 8000'");
  const std::string_view missing[] = {"/nonexistent/holdfast.conf"};
  EXPECT_EQ(ReadCommandLine(missing, settings).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace holdfast::server
