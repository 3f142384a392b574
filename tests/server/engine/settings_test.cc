#include "server/engine/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "server/engine/parameter_value.h"

namespace holdfast::server::engine {
namespace {

std::string Refusal(Settings& settings, std::vector<std::string_view> words) {
  const auto error = settings.Set(words);
  return error ? std::string(error->text()) : std::string();
}

std::string Value(const Settings& settings, std::string_view name) {
  const auto found = settings.Get(std::span(&name, 1));
  return found.empty() ? "(none)" : found.front().second;
}

TEST(SettingsTest, EveryPresetIsInItsNormalForm) {
  for (const Parameter& parameter : AllParameters()) {
    const Normalized normalized = Normalize(parameter, parameter.preset);
    EXPECT_EQ(normalized.refusal, "") << parameter.name;
    EXPECT_EQ(normalized.text, parameter.preset) << parameter.name;
  }
}

TEST(SettingsTest, ParametersAreSortedByName) {
  EXPECT_TRUE(std::is_sorted(AllParameters().begin(), AllParameters().end(),
                             [](const Parameter& a, const Parameter& b) { return a.name < b.name; }));
}

TEST(SettingsTest, SetChangesTheTypedFieldToo) {
  Settings settings;
  EXPECT_EQ(Refusal(settings, {"HASH-MAX-LISTPACK-ENTRIES", "7"}), "");
  EXPECT_EQ(settings.inline_limits().hash_max_listpack_entries, 7U);
  EXPECT_EQ(Value(settings, "hash-max-ziplist-entries"), "7");
}

TEST(SettingsTest, SetChangesAllOrNothing) {
  Settings settings;
  EXPECT_EQ(Refusal(settings, {"timeout", "9", "maxclients", "many"}),
            "ERR CONFIG SET failed (possibly related to argument 'maxclients') - argument couldn't be parsed "
            "into an integer");
  EXPECT_EQ(Value(settings, "timeout"), "0");
}

TEST(SettingsTest, WhatCannotBeAppliedChangesNothingAndNamesTheFirst) {
  Settings settings;
  std::string refusal = "no such file";
  int asked = 0;
  std::string seen;
  settings.SetApplier("tls-", [&] {
    ++asked;
    seen += "'" + settings.Text("tls-cert-file") + "' ";
    return refusal;
  });
  EXPECT_EQ(Refusal(settings, {"timeout", "9", "TLS-Cert-File", "new.pem", "tls-key-file", "key.pem"}),
            "ERR CONFIG SET failed (possibly related to argument 'TLS-Cert-File') - no such file");
  EXPECT_EQ(Value(settings, "tls-cert-file"), "");
  EXPECT_EQ(Value(settings, "timeout"), "0");
  EXPECT_EQ(seen, "'new.pem' '' ") << "asked for the new ones, then for the old ones";
  refusal = "";
  EXPECT_EQ(Refusal(settings, {"timeout", "9", "tls-cert-file", "new.pem"}), "");
  EXPECT_EQ(Value(settings, "tls-cert-file"), "new.pem");
  EXPECT_EQ(Refusal(settings, {"timeout", "8"}), "");
  EXPECT_EQ(asked, 3);
}

TEST(SettingsTest, TheApplierOfTheLongestPrefixIsAsked) {
  Settings settings;
  std::string asked;
  for (const std::string prefix : {"tls-", "tls-port", "port", "bind"}) {
    settings.SetApplier(prefix, [&asked, prefix] { return asked += prefix + " ", ""; });
  }
  EXPECT_EQ(Refusal(settings, {"tls-port", "1", "timeout", "9", "tls-cert-file", "c", "tls-key-file", "k"}),
            "");
  EXPECT_EQ(Refusal(settings, {"port", "2", "bind", "127.0.0.1"}), "");
  EXPECT_EQ(asked, "tls-port tls- port bind ");
}

TEST(SettingsTest, RefusalsAreInRedisWords) {
  Settings settings;
  EXPECT_EQ(Refusal(settings, {"nonsense", "1"}),
            "ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'");
  EXPECT_EQ(Refusal(settings, {"databases", "1"}),
            "ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config");
  EXPECT_EQ(
      Refusal(settings, {"protected-mode", "maybe"}),
      "ERR CONFIG SET failed (possibly related to argument 'protected-mode') - argument must be 'yes' or "
      "'no'");
  EXPECT_EQ(Refusal(settings, {"timeout", "1", "timeout", "2"}),
            "ERR CONFIG SET failed (possibly related to argument 'timeout') - duplicate parameter");
}

TEST(SettingsTest, BytesTakeUnits) {
  Settings settings;
  EXPECT_EQ(Refusal(settings, {"proto-max-bulk-len", "2mb"}), "");
  EXPECT_EQ(Value(settings, "proto-max-bulk-len"), "2097152");
  EXPECT_EQ(settings.request_limits().proto_max_bulk_len, 2097152);
}

TEST(SettingsTest, BufferLimitsKeepTheClassesNotNamed) {
  Settings settings;
  EXPECT_EQ(Refusal(settings, {"client-output-buffer-limit", "normal 1mb 512kb 7"}), "");
  EXPECT_EQ(settings.normal_buffers().hard_bytes, 1048576U);
  EXPECT_EQ(settings.normal_buffers().soft_time, absl::Seconds(7));
  EXPECT_EQ(settings.pubsub_buffers().hard_bytes, 33554432U);
}

TEST(SettingsTest, PoliciesOfEvictionAreKnownByName) {
  Settings settings;
  EXPECT_EQ(Refusal(settings, {"maxmemory-policy", "Allkeys-LRU"}), "");
  EXPECT_EQ(Value(settings, "maxmemory-policy"), "allkeys-lru");
  EXPECT_EQ(
      Refusal(settings, {"maxmemory-policy", "some"}),
      "ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - argument(s) must be one "
      "of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, "
      "allkeys-lfu, allkeys-random, noeviction");
}

TEST(SettingsTest, OlderNamesAreFoundByPatternsToo) {
  Settings settings;
  EXPECT_EQ(Value(settings, "hash-max-ziplist-e*"), "512");
  EXPECT_EQ(Refusal(settings, {"replica-priority", "5", "slave-priority", "6"}), "");
  EXPECT_EQ(Value(settings, "slave-prio*"), "6");
  EXPECT_EQ(Value(settings, "replica-priority"), "6");
}

TEST(SettingsTest, WhatIsFixedMayStandInTheFile) {
  Settings settings;
  EXPECT_EQ(settings.Configure("syslog-enabled", "yes"), "");
  EXPECT_EQ(settings.Configure("slaveof", "other 6379"), "");
  EXPECT_EQ(settings.Configure("dbfilename", "other.rdb"), "");
  EXPECT_EQ(
      Refusal(settings, {"syslog-enabled", "no"}),
      "ERR CONFIG SET failed (possibly related to argument 'syslog-enabled') - can't set immutable config");
  EXPECT_EQ(Refusal(settings, {"dbfilename", "third.rdb"}),
            "ERR CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config");
  EXPECT_EQ(settings.Configure("enable-protected-configs", "yes"), "");
  EXPECT_EQ(Refusal(settings, {"dbfilename", "third.rdb"}), "");
  EXPECT_EQ(Value(settings, "dbfilename"), "third.rdb");
}

TEST(SettingsTest, LinesOfSaveAddUpUntilOneIsEmpty) {
  Settings settings;
  EXPECT_EQ(settings.Configure("save", "3600 1"), "");
  EXPECT_EQ(settings.Configure("save", "300 100"), "");
  EXPECT_EQ(Value(settings, "save"), "3600 1 300 100");
  EXPECT_EQ(Refusal(settings, {"save", "60 5"}), "");
  EXPECT_EQ(Value(settings, "save"), "60 5");
  EXPECT_EQ(settings.Configure("save", ""), "");
  EXPECT_EQ(Value(settings, "save"), "");
}

TEST(SettingsTest, MistypedNamesGetTheNearest) {
  Settings settings;
  EXPECT_EQ(settings.Configure("maxclient", "5"),
            "unknown directive 'maxclient'; did you mean 'maxclients'?");
  EXPECT_EQ(settings.Configure("zzzzzzzz", "5"), "unknown directive 'zzzzzzzz'");
  EXPECT_EQ(settings.Configure("durability", "sometimes"),
            "wrong value 'sometimes' for 'durability': argument(s) must be one of the following: always, "
            "everysec, off");
}

}  // namespace
}  // namespace holdfast::server::engine
