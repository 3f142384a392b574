#include "storage/dump/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/storage/dump/sample_bodies.h"

namespace holdfast::storage::dump {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;

class DecodeTest : public testing::Test {
 protected:
  Decoded Read(std::string_view body, uint64_t most = 1 << 24) {
    body_ = body;
    texts_.emplace(most);
    value_ = Value();
    return Decode(body_, *texts_, value_);
  }
  bool IsValue(std::string_view body) { return Read(body) == Decoded::kValue; }
  bool IsNonsense(std::string_view body) { return Read(body) == Decoded::kNonsense; }
  double Score(const std::string& bytes) {
    EXPECT_TRUE(IsValue(BodyWriter(Form::kSortedSetDigits).Length(1).Text("m").Bytes(bytes).Take())) << bytes;
    return value_.members.at(0).score;
  }

  std::string body_;
  std::optional<Texts> texts_;
  Value value_;
};

TEST_F(DecodeTest, ReadsAllFormsAndNothingLessOrMore) {
  for (const std::string& body : SampleBodies()) {
    const int form = body[0];
    EXPECT_TRUE(IsValue(body)) << form;
    for (size_t cut = 0; cut < body.size(); ++cut) {
      EXPECT_TRUE(IsNonsense(body.substr(0, cut))) << form << " cut at " << cut;
    }
    EXPECT_TRUE(IsNonsense(body + "\0"s)) << form;
  }
}

TEST_F(DecodeTest, OtherFormsAreNonsense) {
  for (const int form : {6, 7, 8, 0x16, 0x17, 0x18, 0x19, 0x63, 0xf5, 0xff}) {
    EXPECT_TRUE(IsNonsense(std::string(1, static_cast<char>(form)) + "\1a")) << form;
  }
}

TEST_F(DecodeTest, TypesAndWords) {
  ASSERT_TRUE(IsValue(BodyWriter(Form::kListOfNodes)
                          .Length(2)
                          .Length(kNodeOfElement)
                          .Text("x")
                          .Length(kNodeOfListpack)
                          .Text(ListpackOf({"y", "1"}))
                          .Take()));
  EXPECT_EQ(value_.type, ValueType::kList);
  EXPECT_THAT(value_.words, ElementsAre("x", "y", "1"));
  ASSERT_TRUE(IsValue(BodyWriter(Form::kHash).Length(1).Texts({"f", "v"}).Take()));
  EXPECT_EQ(value_.type, ValueType::kHash);
  EXPECT_THAT(value_.words, ElementsAre("f", "v"));
  ASSERT_TRUE(IsValue(BodyWriter(Form::kSetListpack).Text(ListpackOf({"m", "7"})).Take()));
  EXPECT_EQ(value_.type, ValueType::kSet);
  EXPECT_THAT(value_.words, ElementsAre("m", "7"));
}

TEST_F(DecodeTest, Scores) {
  EXPECT_EQ(Score("\x03"
                  "1.5"),
            1.5);
  EXPECT_EQ(Score("\x05"
                  "1e+20"),
            1e20);
  EXPECT_EQ(Score("\x12"
                  "3.1400000000000001"),
            3.14);
  EXPECT_EQ(Score("\xfe"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Score("\xff"), -std::numeric_limits<double>::infinity());
  for (const std::string& bytes : {"\xfd"s, "\x00"s, "\x01x"s,
                                   "\x02"
                                   "1x"s,
                                   "\x03nan"s,
                                   "\x05"
                                   "1e400"s}) {
    EXPECT_TRUE(IsNonsense(BodyWriter(Form::kSortedSetDigits).Length(1).Text("m").Bytes(bytes).Take()))
        << bytes;
  }
  EXPECT_TRUE(IsNonsense(BodyWriter(Form::kSortedSet).Length(1).Text("m").Number(0x7ff8000000000000).Take()));
  EXPECT_TRUE(IsNonsense(BodyWriter(Form::kSortedSetListpack).Text(ListpackOf({"m", "high"})).Take()));
  EXPECT_TRUE(IsNonsense(BodyWriter(Form::kSortedSetListpack).Text(ListpackOf({"m", "nan"})).Take()));
}

TEST_F(DecodeTest, NoCollectionIsEmpty) {
  for (const Form form : {Form::kList, Form::kSet, Form::kHash, Form::kSortedSet, Form::kListOfNodes}) {
    EXPECT_TRUE(IsNonsense(BodyWriter(form).Length(0).Take())) << static_cast<int>(form);
  }
  for (const Form form : {Form::kHashListpack, Form::kSortedSetListpack, Form::kSetListpack}) {
    EXPECT_TRUE(IsNonsense(BodyWriter(form).Text(ListpackOf({})).Take())) << static_cast<int>(form);
  }
  EXPECT_TRUE(IsNonsense(BodyWriter(Form::kListOfNodes).Length(1).Length(kNodeOfElement).Text("").Take()));
  EXPECT_TRUE(IsNonsense(BodyWriter(Form::kListOfNodes).Length(1).Length(3).Text("x").Take()));
  EXPECT_TRUE(IsNonsense(BodyWriter(Form::kListOfNodes).Length(1).Length(0x101).Text("x").Take()));
  EXPECT_TRUE(IsNonsense(BodyWriter(Form::kHashListpack).Text(ListpackOf({"f", "v", "g"})).Take()));
}

TEST_F(DecodeTest, ClaimsOfHugeLengthsCostNothing) {
  for (const Form form : {Form::kString, Form::kList, Form::kSet, Form::kHash, Form::kSortedSet,
                          Form::kSortedSetDigits, Form::kHashZipmap, Form::kListZiplist, Form::kSetIntset,
                          Form::kListOfZiplists, Form::kStream, Form::kListOfNodes, Form::kStream72}) {
    for (const uint64_t length : {uint64_t{1} << 31, uint64_t{UINT32_MAX}, uint64_t{1} << 62, UINT64_MAX}) {
      EXPECT_TRUE(IsNonsense(BodyWriter(form).Length(length).Text("a").Take())) << static_cast<int>(form);
    }
  }
  // 400 MB of a text that has three bytes, compressed.
  const std::string text =
      BodyWriter(Form::kString).Bytes("\xc3").Length(3).Length(400 << 20).Bytes("\1ab").Take();
  EXPECT_EQ(Read(text, 1 << 30), Decoded::kNonsense);
}

TEST_F(DecodeTest, WhatComesOutIsBounded) {
  const std::string list = BodyWriter(Form::kList).Length(1000).Bytes(std::string(1000, '\0')).Take();
  EXPECT_EQ(Read(list, 1000 * Texts::kElementBytes), Decoded::kValue);
  EXPECT_EQ(Read(list, 1000 * Texts::kElementBytes - 1), Decoded::kTooMuch);
  // Names that stand there once count for each entry.
  std::vector<std::string> node = {"100", "0", "1", std::string(1000, 'n'), "0"};
  for (int i = 0; i < 100; ++i) node.insert(node.end(), {"2", std::to_string(i + 1), "0", "v", "4"});
  const std::string stream = BodyWriter(Form::kStream)
                                 .Length(1)
                                 .Text(std::string(16, '\0'))
                                 .Text(ListpackOf(node))
                                 .Length(100)
                                 .Length(100)
                                 .Length(0)
                                 .Length(0)
                                 .Take();
  EXPECT_EQ(Read(stream, 200'000), Decoded::kValue);
  EXPECT_EQ(Read(stream, 100'000), Decoded::kTooMuch);
}

class DecodeStreamTest : public DecodeTest {
 protected:
  // A stream of one node and no groups; its last id is 9-9.
  static std::string Stream(const std::vector<std::string>& node, uint64_t live) {
    return BodyWriter(Form::kStream)
        .Length(1)
        .Text({"\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1", 16})
        .Text(ListpackOf(node))
        .Length(live)
        .Length(9)
        .Length(9)
        .Length(0)
        .Take();
  }
  // An empty one, and its one group from the list of pending entries on.
  static BodyWriter Group() {
    BodyWriter body(Form::kStream);
    body.Length(0).Length(0).Length(9).Length(9).Length(1).Text("g").Length(0).Length(0);
    return body;
  }
};

TEST_F(DecodeStreamTest, ItsParts) {
  ASSERT_TRUE(IsValue(SampleStream(Form::kStream72)));
  const StreamValue& stream = value_.stream;
  ASSERT_EQ(stream.nodes.size(), 1U);
  ASSERT_EQ(stream.nodes[0].size(), 2U);
  EXPECT_EQ(stream.nodes[0][0].id, (StreamId{5, 1}));
  EXPECT_THAT(stream.nodes[0][0].fields, ElementsAre("f", "v"));
  EXPECT_EQ(stream.nodes[0][1].id, (StreamId{7, 0}));
  EXPECT_THAT(stream.nodes[0][1].fields, ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(stream.last, (StreamId{9, 9}));
  EXPECT_EQ(stream.max_deleted, (StreamId{5, 2}));
  EXPECT_EQ(stream.added, 4U);
  ASSERT_EQ(stream.groups.size(), 2U);
  EXPECT_EQ(stream.groups[0].entries_read, std::nullopt);
  const StreamValue::Group& group = stream.groups[1];
  EXPECT_EQ(group.entries_read, 3U);
  ASSERT_EQ(group.pending.size(), 3U);
  EXPECT_EQ(group.pending[2].consumer, 1U);
  EXPECT_EQ(group.consumers[0].active, 1700000000000);
  EXPECT_EQ(group.consumers[1].active, -1);
}

TEST_F(DecodeStreamTest, WhatOlderFormsLack) {
  ASSERT_TRUE(IsValue(SampleStream(Form::kStream)));
  EXPECT_TRUE(value_.stream.without_counts);
  EXPECT_EQ(value_.stream.added, 2U);
  EXPECT_EQ(value_.stream.groups[1].consumers[0].active, 1700000000001);
}

TEST_F(DecodeStreamTest, NodesAreSound) {
  EXPECT_TRUE(IsValue(Stream({"1", "0", "1", "f", "0", "2", "0", "0", "v", "4"}, 1)));
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "1", "f", "0", "2", "0", "0", "v", "4"}, 2))) << "another count";
  EXPECT_TRUE(IsNonsense(Stream({"2", "0", "1", "f", "0", "2", "0", "0", "v", "4"}, 1)))
      << "an entry is missing";
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "1", "f", "0", "2", "0", "0", "v", "5"}, 1)))
      << "another way back";
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "1", "f", "1", "2", "0", "0", "v", "4"}, 1)))
      << "another terminator";
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "1", "f", "0", "2", "0", "0", "v", "4", "1"}, 1)))
      << "more than that";
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "0", "0", "2", "0", "0", "3"}, 1))) << "no fields";
  EXPECT_TRUE(IsNonsense(Stream({"-1", "2", "1", "f", "0", "2", "0", "0", "v", "4"}, 1)))
      << "a negative count";
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "x", "f", "0", "2", "0", "0", "v", "4"}, 1)))
      << "a text for a number";
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "9223372036854775807", "f", "0", "2", "0", "0", "v", "4"}, 1)));
  EXPECT_TRUE(
      IsNonsense(Stream({"1", "0", "1", "f", "0", "0", "0", "0", "9223372036854775807", "v", "4"}, 1)));
  EXPECT_TRUE(
      IsNonsense(Stream({"2", "0", "1", "f", "0", "2", "0", "0", "v", "4", "2", "0", "0", "v", "4"}, 2)))
      << "ids do not ascend";
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "1", "f", "0", "2", "-1", "-1", "v", "4"}, 1))) << "0-0 is no id";
  EXPECT_TRUE(IsNonsense(Stream({"1", "0", "1", "f", "0", "2", "9", "0", "v", "4"}, 1)))
      << "above the last id";
  EXPECT_TRUE(IsValue(Stream({"1", "1", "1", "f", "0", "2", "0", "0", "v", "4", "3", "0", "0", "v", "4"}, 1)))
      << "deleted ones are not looked at";
}

TEST_F(DecodeStreamTest, PendingEntriesBelongToOneConsumer) {
  const auto pending = [](BodyWriter body, uint64_t ms) { return body.Id(ms, 0).Number(0).Length(1); };
  const BodyWriter one = pending(Group().Length(1), 1);
  EXPECT_TRUE(IsValue(BodyWriter(one).Length(1).Text("c").Number(0).Length(1).Id(1, 0).Take()));
  EXPECT_TRUE(IsNonsense(BodyWriter(one).Length(0).Take())) << "nobody's";
  EXPECT_TRUE(IsNonsense(BodyWriter(one).Length(1).Text("c").Number(0).Length(1).Id(2, 0).Take()))
      << "unknown";
  EXPECT_TRUE(IsNonsense(BodyWriter(one).Length(1).Text("c").Number(0).Length(2).Id(1, 0).Id(1, 0).Take()))
      << "twice one's";
  EXPECT_TRUE(IsNonsense(BodyWriter(one)
                             .Length(2)
                             .Text("c")
                             .Number(0)
                             .Length(1)
                             .Id(1, 0)
                             .Text("d")
                             .Number(0)
                             .Length(1)
                             .Id(1, 0)
                             .Take()))
      << "two's";
  const BodyWriter twice = pending(pending(Group().Length(2), 1), 1);
  EXPECT_TRUE(IsNonsense(BodyWriter(twice).Length(1).Text("c").Number(0).Length(1).Id(1, 0).Take()));
  // In any order.
  const BodyWriter two = pending(pending(Group().Length(2), 2), 1);
  EXPECT_TRUE(IsValue(BodyWriter(two).Length(1).Text("c").Number(0).Length(2).Id(1, 0).Id(2, 0).Take()));
}

TEST_F(DecodeStreamTest, NamesAreThereOnce) {
  BodyWriter groups(Form::kStream);
  groups.Length(0).Length(0).Length(9).Length(9).Length(2);
  for (int i = 0; i < 2; ++i) groups.Text("g").Length(0).Length(0).Length(0).Length(0);
  EXPECT_TRUE(IsNonsense(groups.Take()));
  EXPECT_TRUE(IsNonsense(
      Group().Length(0).Length(2).Text("c").Number(0).Length(0).Text("c").Number(0).Length(0).Take()));
  EXPECT_TRUE(IsValue(
      Group().Length(0).Length(2).Text("c").Number(0).Length(0).Text("d").Number(0).Length(0).Take()));
}

}  // namespace
}  // namespace holdfast::storage::dump
