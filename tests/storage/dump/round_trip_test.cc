#include "tests/storage/dump/round_trip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "storage/hash.h"
#include "storage/list.h"
#include "storage/set.h"
#include "storage/sorted_set.h"
#include "storage/stream_group.h"
#include "storage/string.h"
#include "tests/storage/dump/damage.h"
#include "tests/storage/dump/sample_bodies.h"

// Encode, Decode and Store together.
namespace holdfast::storage::dump {
namespace {

class RoundTripTest : public testing::Test {
 protected:
  // The first byte of the body, once the value has come through sound.
  Form FormOf(std::string_view key) {
    Keyspace& keyspace = round_trip_.keyspace();
    const std::optional<std::string> payload = Encode(keyspace, keyspace.Look(key));
    if (!payload) return Form::kStream72;
    const std::string body(*Open(*payload));
    RoundTrip fresh;
    const RoundTrip::Result result = fresh.Run(body);
    EXPECT_TRUE(result.stored);
    EXPECT_EQ(result.fault, "");
    EXPECT_EQ(result.payload, *payload);
    return static_cast<Form>(body[0]);
  }
  Keyspace& keyspace() { return round_trip_.keyspace(); }

  RoundTrip round_trip_;
};

std::vector<std::string> Numbered(const std::string& name, int count) {
  std::vector<std::string> words;
  for (int i = 0; i < count; ++i) words.push_back(name + std::to_string(i));
  return words;
}

std::vector<std::string_view> Views(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

TEST_F(RoundTripTest, ValuesOfEachKindAndSize) {
  String(keyspace(), "string").Set("text");
  EXPECT_EQ(FormOf("string"), Form::kString);
  const std::vector<std::string> few = {"1", "-5", "70000"};
  const std::vector<std::string> some = {"a", "1", "", std::string(50, 'x')};
  const std::vector<std::string> many = Numbered("a member with a name of some length ", 600);
  const std::vector<std::string> large = {std::string(100'000, 'x'), std::string(9000, 'y'), "z"};
  for (const auto& words : {few, some, many, large}) {
    const std::string key = "k" + std::to_string(words.size()) + words[0].substr(0, 1);
    List(keyspace(), "list" + key).Push(End::kBack, Views(words));
    EXPECT_EQ(FormOf("list" + key), Form::kListOfNodes);
    Set(keyspace(), "set" + key).Add(Views(words));
    EXPECT_EQ(FormOf("set" + key), words == few ? Form::kSetIntset : Form::kSet);
    if (words.size() % 2 == 0) {
      Hash(keyspace(), "hash" + key).Set(Views(words));
      EXPECT_EQ(FormOf("hash" + key), words == some ? Form::kHashListpack : Form::kHash);
    }
    std::vector<ScoredMember> scored;
    double score = -1;
    for (const std::string& word : words) scored.push_back({word, score *= -1.1});
    SortedSet(keyspace(), "zset" + key).Add(scored);
    const bool small = words == few || words == some;
    EXPECT_EQ(FormOf("zset" + key), small ? Form::kSortedSetListpack : Form::kSortedSet);
  }
}

TEST_F(RoundTripTest, LongListsAreCutIntoNodes) {
  List(keyspace(), "l").Push(End::kBack, Views(Numbered("element", 5000)));
  const std::optional<std::string> payload = Encode(keyspace(), keyspace().Look("l"));
  ByteReader reader(std::string_view(*payload).substr(1));
  EXPECT_EQ(ReadLength(reader), 8U);
  Texts texts(1 << 20);
  EXPECT_EQ(ReadLength(reader), kNodeOfListpack);
  const size_t bytes = ReadString(reader, texts).size();
  EXPECT_GT(bytes, 8000U);
  EXPECT_LE(bytes, 8192U);
}

TEST_F(RoundTripTest, WhatNoRequestCouldCarryBackIsNotDumped) {
  const std::vector<std::string> words = {"a", "b"};
  List(keyspace(), "l").Push(End::kBack, Views(words));
  Slot slot = keyspace().Look("l");
  slot.entry->bytes = kMaxPayloadBytes;
  EXPECT_EQ(Encode(keyspace(), slot), std::nullopt);
  // A string says itself how long it is.
  String(keyspace(), "s").Set("text");
  slot = keyspace().Look("s");
  slot.entry->bytes = kMaxPayloadBytes;
  EXPECT_NE(Encode(keyspace(), slot), std::nullopt);
}

TEST_F(RoundTripTest, ARestoredQueueGrowsUpwards) {
  Texts texts(1 << 20);
  Value value;
  const std::string body = BodyWriter(Form::kList).Length(2).Texts({"a", "b"}).Take();
  ASSERT_EQ(Decode(body, texts, value), Decoded::kValue);
  ASSERT_TRUE(Store(keyspace(), "q", value, absl::InfiniteFuture()));
  const Entry entry = *keyspace().Find("q");
  EXPECT_EQ(entry.head, uint64_t{1} << 63);
  EXPECT_EQ(entry.tail, entry.head + 1);
  EXPECT_EQ(List(keyspace(), "q").At(0), "a");
}

TEST_F(RoundTripTest, StreamsKeepTheirNodesAndGroups) {
  Stream stream(keyspace(), "x");
  for (uint64_t i = 1; i <= 250; ++i) {
    const std::string number = std::to_string(i);
    const std::vector<std::string_view> same = {"f", number};
    const std::vector<std::string_view> other = {"g", number, "h", "v"};
    stream.Append({i, i % 3}, i % 10 == 0 ? other : same);
  }
  stream.Erase(std::vector<StreamId>{{1, 1}, {50, 2}, {101, 2}, {250, 1}});
  StreamGroup group = StreamGroup::Create(stream, "g", {100, 1}, 99);
  const uint64_t first = group.AddConsumer("c", 1000).number;
  const uint64_t second = group.AddConsumer("12", 2000).number;
  group.AddConsumer("idle", 3000);
  for (uint64_t i = 1; i <= 100; ++i) group.Deliver({i, i % 3}, {i % 2 == 0 ? first : second, 5000, i});
  group.Save();
  StreamGroup::Create(stream, "unknown", {}, std::nullopt);
  EXPECT_EQ(FormOf("x"), Form::kStream70);

  Texts texts(1 << 20);
  Value value;
  const std::string payload = *Encode(keyspace(), keyspace().Look("x"));
  ASSERT_EQ(Decode(*Open(payload), texts, value), Decoded::kValue);
  EXPECT_EQ(value.stream.nodes.size(), 3U);
  EXPECT_EQ(value.stream.nodes[1][0].id, (StreamId{102, 0}));
  ASSERT_TRUE(Store(keyspace(), "y", value, absl::InfiniteFuture()));
  Stream restored(keyspace(), "y");
  EXPECT_EQ(restored.size(), 246U);
  EXPECT_EQ(restored.head().last, (StreamId{250, 1}));
  EXPECT_EQ(restored.head().added, 250U);
  EXPECT_EQ(restored.head().nodes, 3U);
  EXPECT_EQ(StreamGroup::Find(restored, "g")->pending(), 100U);
  EXPECT_EQ(restored.Trim({.max_length = 100, .rough = true}), 98U);
}

TEST_F(RoundTripTest, TheFirstFormOfStreamsHasItsCountsWorkedOut) {
  Texts texts(1 << 20);
  Value value;
  const std::string body = SampleStream(Form::kStream);
  ASSERT_EQ(Decode(body, texts, value), Decoded::kValue);
  ASSERT_TRUE(Store(keyspace(), "x", value, absl::InfiniteFuture()));
  const Stream stream(keyspace(), "x");
  EXPECT_EQ(stream.head().added, 2U);
  EXPECT_EQ(StreamGroup::Find(stream, "empty")->entries_read(), 0U);
  // 7-0 is the last entry, but not the last id.
  EXPECT_EQ(StreamGroup::Find(stream, "group")->entries_read(), std::nullopt);
}

TEST_F(RoundTripTest, AnExpiryIsOfTheKeyNotOfThePayload) {
  String(keyspace(), "k").Set("v");
  const std::string before = *Encode(keyspace(), keyspace().Look("k"));
  const absl::Time due = absl::FromUnixMillis(1'800'000'000'000);
  String(keyspace(), "k").Expire(due);
  EXPECT_EQ(*Encode(keyspace(), keyspace().Look("k")), before);
  for (const std::string& body : SampleBodies()) {
    Texts texts(1 << 20);
    Value value;
    ASSERT_EQ(Decode(body, texts, value), Decoded::kValue);
    const std::string key = "expiring" + body;
    ASSERT_TRUE(Store(keyspace(), key, value, due));
    EXPECT_EQ(keyspace().Find(key)->expires, due);
  }
}

TEST_F(RoundTripTest, FieldsGoWithoutTheirTimesAndNotPastThem) {
  const absl::Time due = absl::FromUnixMillis(1'800'000'000'000);
  const std::vector<std::string> pairs = {"soon", "1", "late", "2", "never", "3"};
  Hash hash(keyspace(), "h");
  hash.Set(Views(pairs));
  hash.Expire("soon", due);
  hash.Expire("late", due + absl::Hours(1));
  hash.Save();
  keyspace().transaction().set_now(due);
  const std::string payload = *Encode(keyspace(), keyspace().Look("h"));
  Texts texts(1 << 20);
  Value value;
  ASSERT_EQ(Decode(*Open(payload), texts, value), Decoded::kValue);
  ASSERT_TRUE(Store(keyspace(), "copy", value, absl::InfiniteFuture()));
  const Hash copy(keyspace(), "copy");
  EXPECT_EQ(copy.size(), 2U);
  EXPECT_EQ(copy.Get("soon"), std::nullopt);
  EXPECT_EQ(copy.Get("late"), "2");
  EXPECT_EQ(copy.Due("late"), absl::InfiniteFuture());
}

TEST_F(RoundTripTest, WhatStandsThereTwiceIsNotStored) {
  const std::vector<std::string> twice = {"a", "b", "a"};
  const std::vector<std::string> pairs = {"a", "1", "b", "1", "a", "2"};
  for (const std::string& body : {
           BodyWriter(Form::kSet).Length(3).Texts(twice).Take(),
           BodyWriter(Form::kSetListpack).Text(ListpackOf(twice)).Take(),
           BodyWriter(Form::kHash).Length(3).Texts(pairs).Take(),
           BodyWriter(Form::kHashListpack).Text(ListpackOf(pairs)).Take(),
           BodyWriter(Form::kHashZiplist).Text(MakeZiplist(pairs)).Take(),
           BodyWriter(Form::kSortedSetListpack).Text(ListpackOf(pairs)).Take(),
       }) {
    const RoundTrip::Result result = round_trip_.Run(body);
    EXPECT_FALSE(result.stored) << static_cast<int>(body[0]);
    EXPECT_EQ(result.fault, "");
  }
}

TEST_F(RoundTripTest, SamplesOfAllForms) {
  for (const std::string& body : SampleBodies()) {
    const RoundTrip::Result result = round_trip_.Run(body);
    EXPECT_TRUE(result.stored) << static_cast<int>(body[0]);
    EXPECT_EQ(result.fault, "") << static_cast<int>(body[0]);
  }
}

TEST(DamagedPayloadTest, IsRefusedOrSound) {
  constexpr int kBodies = 100'000;
  std::mt19937_64 random(20260101);
  const std::vector<std::string> samples = SampleBodies();
  int stored = 0;
  for (int i = 0; i < kBodies; ++i) {
    const std::string body = Damaged(samples[random() % samples.size()], random);
    const RoundTrip::Result result = RoundTrip().Run(body);
    stored += result.stored ? 1 : 0;
    ASSERT_EQ(result.fault, "") << i;
  }
  // Both happen often.
  EXPECT_GT(stored, kBodies / 50);
  EXPECT_LT(stored, kBodies / 2);
}

}  // namespace
}  // namespace holdfast::storage::dump
