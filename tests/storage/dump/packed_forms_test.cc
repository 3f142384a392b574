#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "storage/dump/intset.h"
#include "storage/dump/listpack.h"
#include "storage/dump/ziplist.h"
#include "storage/dump/zipmap.h"
#include "tests/storage/dump/old_forms.h"

// Listpacks, ziplists, zipmaps and intsets: what stands in them, and what is not sound.
namespace holdfast::storage::dump {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::ElementsAreArray;

using Unpack = bool (*)(std::string_view packed, Texts& texts, std::vector<std::string_view>& words);
using Words = std::vector<std::string>;

std::optional<Words> Read(Unpack unpack, std::string_view packed) {
  Texts texts(1 << 26);
  std::vector<std::string_view> words;
  if (!unpack(packed, texts, words)) return std::nullopt;
  return Words(words.begin(), words.end());
}

std::string MakeListpack(const Words& words) {
  ListpackWriter writer;
  for (const std::string& word : words) writer.Append(word);
  EXPECT_EQ(writer.empty(), words.empty());
  const size_t bytes = writer.bytes();
  std::string listpack = writer.Finish();
  EXPECT_EQ(listpack.size(), bytes);
  EXPECT_TRUE(writer.empty());
  return listpack;
}

// Numbers at the edges of all widths that any of the forms has, and texts of all lengths' forms.
Words Edges() {
  Words words = {"", "a", "-0", "007", "+1", "9223372036854775808", "-9223372036854775809"};
  for (const int bits : {4, 7, 8, 12, 13, 15, 16, 23, 24, 31, 32, 62}) {
    for (const int64_t near : {-2, -1, 0, 1}) {
      words.push_back(std::to_string((int64_t{1} << bits) + near));
      words.push_back(std::to_string(-(int64_t{1} << bits) - near));
    }
  }
  for (int64_t number = -2; number <= 14; ++number) words.push_back(std::to_string(number));
  words.push_back(std::to_string(std::numeric_limits<int64_t>::max()));
  words.push_back(std::to_string(std::numeric_limits<int64_t>::min()));
  for (const size_t size : {62,   63,   64,    125,   126,   127,   128,   252,   253,     254,    255,
                            4095, 4096, 16378, 16379, 16380, 16383, 16384, 70000, 2097146, 2097150}) {
    words.emplace_back(size, 'x');
  }
  return words;
}

// Whatever is missing at the end, and one byte too many.
void ExpectOnlyWhole(Unpack unpack, const std::string& packed) {
  for (size_t cut = 0; cut < packed.size(); ++cut) {
    EXPECT_EQ(Read(unpack, packed.substr(0, cut)), std::nullopt) << cut;
  }
  EXPECT_EQ(Read(unpack, packed + "\xff"), std::nullopt);
  EXPECT_EQ(Read(unpack, packed + "\0"s), std::nullopt);
}

TEST(ListpackTest, EachFormOfEntry) {
  ListpackWriter writer;
  const auto bytes = [&](std::string_view word) {
    writer.Append(word);
    const std::string listpack = writer.Finish();
    return listpack.substr(6, listpack.size() - 7);
  };
  EXPECT_EQ(bytes("0"), "\0\1"s);
  EXPECT_EQ(bytes("127"), "\x7f\1"s);
  EXPECT_EQ(bytes("128"), "\xc0\x80\2"s);
  EXPECT_EQ(bytes("-1"), "\xdf\xff\2"s);
  EXPECT_EQ(bytes("-4096"), "\xd0\x00\2"s);
  EXPECT_EQ(bytes("4096"), "\xf1\x00\x10\3"s);
  EXPECT_EQ(bytes("32768"), "\xf2\x00\x80\x00\4"s);
  EXPECT_EQ(bytes("-8388609"), "\xf3\xff\xff\x7f\xff\5"s);
  EXPECT_EQ(bytes("2147483648"), "\xf4\0\0\0\x80\0\0\0\0\x09"s);
  EXPECT_EQ(bytes(""), "\x80\1"s);
  EXPECT_EQ(bytes("ab"),
            "\x82"
            "ab\3"s);
  EXPECT_EQ(bytes(std::string(64, 'x')), "\xe0\x40" + std::string(64, 'x') + "\x42");
  EXPECT_EQ(bytes(std::string(4096, 'x')), "\xf0\x00\x10\0\0"s + std::string(4096, 'x') + "\x20\x85");
}

TEST(ListpackTest, GivesBackWhatWasWritten) {
  EXPECT_EQ(MakeListpack({}), "\7\0\0\0\0\0\xff"s);
  EXPECT_THAT(*Read(&ReadListpack, MakeListpack({})), ElementsAre());
  EXPECT_THAT(*Read(&ReadListpack, MakeListpack(Edges())), ElementsAreArray(Edges()));
}

TEST(ListpackTest, OneMayFollowAnother) {
  ListpackWriter first;
  first.AppendNumber(1);
  ListpackWriter second;
  second.Append("two");
  first.Append(second);
  EXPECT_THAT(*Read(&ReadListpack, first.Finish()), ElementsAre("1", "two"));
}

TEST(ListpackTest, ManyEntriesAreUncounted) {
  const Words many(70000, "1");
  std::string listpack = MakeListpack(many);
  EXPECT_EQ(listpack.substr(4, 2), "\xff\xff");
  EXPECT_EQ(Read(&ReadListpack, listpack)->size(), many.size());
  listpack[4] = '\0';
  EXPECT_EQ(Read(&ReadListpack, listpack), std::nullopt);
}

TEST(ListpackTest, IsSoundOrRefused) {
  ExpectOnlyWhole(&ReadListpack, MakeListpack({"a", "1", "300", std::string(70, 'x')}));
  EXPECT_TRUE(Read(&ReadListpack,
                   "\x0a\0\0\0\1\0\x81"
                   "a\2\xff"s));
  EXPECT_FALSE(Read(&ReadListpack,
                    "\x0a\0\0\0\2\0\x81"
                    "a\2\xff"s))
      << "another count";
  EXPECT_FALSE(Read(&ReadListpack,
                    "\x0b\0\0\0\1\0\x81"
                    "a\2\xff"s))
      << "another size";
  EXPECT_FALSE(Read(&ReadListpack,
                    "\x0a\0\0\0\1\0\x81"
                    "a\3\xff"s))
      << "another way back";
  EXPECT_FALSE(Read(&ReadListpack,
                    "\x0a\0\0\0\1\0\x82"
                    "a\2\xff"s))
      << "a text beyond the end";
  EXPECT_FALSE(Read(&ReadListpack,
                    "\x0a\0\0\0\1\0\xf5"
                    "a\2\xff"s))
      << "no form of entry";
  EXPECT_FALSE(Read(&ReadListpack,
                    "\x0a\0\0\0\1\0\xff"
                    "a\2\xff"s))
      << "an end before the end";
  EXPECT_FALSE(Read(&ReadListpack,
                    "\x0a\0\0\0\1\0\x81"
                    "a\2\xfe"s))
      << "no end";
}

TEST(ZiplistTest, GivesBackWhatWasWritten) {
  EXPECT_THAT(*Read(&ReadZiplist, MakeZiplist({})), ElementsAre());
  EXPECT_THAT(*Read(&ReadZiplist, MakeZiplist(Edges())), ElementsAreArray(Edges()));
}

TEST(ZiplistTest, IsSoundOrRefused) {
  ExpectOnlyWhole(&ReadZiplist, MakeZiplist({"a", "1", "300", std::string(300, 'x'), "b"}));
  const std::string sound = "\x10\0\0\0\x0d\0\0\0\2\0\0\1a\3\xf2\xff"s;
  EXPECT_THAT(*Read(&ReadZiplist, sound), ElementsAre("a", "1"));
  const auto with = [&](size_t at, char byte) {
    std::string other = sound;
    other[at] = byte;
    return other;
  };
  EXPECT_FALSE(Read(&ReadZiplist, with(0, '\x11'))) << "another size";
  EXPECT_FALSE(Read(&ReadZiplist, with(4, '\x0a'))) << "another tail";
  EXPECT_FALSE(Read(&ReadZiplist, with(8, '\3'))) << "another count";
  EXPECT_FALSE(Read(&ReadZiplist, with(13, '\2'))) << "another way back";
  EXPECT_FALSE(Read(&ReadZiplist, with(13, '\xff'))) << "an end before the end";
  EXPECT_FALSE(Read(&ReadZiplist, with(14, '\xc1'))) << "no form of entry";
  EXPECT_FALSE(Read(&ReadZiplist, with(15, '\xfe'))) << "no end";
}

TEST(ZipmapTest, GivesBackWhatWasWritten) {
  const Words words = {"field", "value", "", "", "n", "12", std::string(253, 'x'), std::string(254, 'y')};
  EXPECT_THAT(*Read(&ReadZipmap, MakeZipmap(words)), ElementsAreArray(words));
  EXPECT_THAT(*Read(&ReadZipmap, MakeZipmap(words, 3)), ElementsAreArray(words));
  EXPECT_THAT(*Read(&ReadZipmap, "\0\xff"s), ElementsAre());
  std::string uncounted = MakeZipmap({"a", "b"});
  uncounted[0] = '\xfe';
  EXPECT_THAT(*Read(&ReadZipmap, uncounted), ElementsAre("a", "b"));
}

TEST(ZipmapTest, IsSoundOrRefused) {
  ExpectOnlyWhole(&ReadZipmap, MakeZipmap({"a", "b", "c", std::string(300, 'x')}, 2));
  EXPECT_FALSE(Read(&ReadZipmap, "\2\1a\1\0b\xff"s)) << "another count";
  EXPECT_FALSE(Read(&ReadZipmap, "\1\1a\1\2b\xff"s)) << "room beyond the end";
  EXPECT_FALSE(Read(&ReadZipmap, "\1\xff\1\0b\xff"s)) << "no length";
}

TEST(IntsetTest, GivesBackWhatWasWritten) {
  const std::vector<std::vector<int64_t>> sets = {
      {-1},
      {-32768, 0, 32767},
      {-32769, 0},
      {0, 32768},
      {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()},
      {int64_t{std::numeric_limits<int32_t>::min()} - 1, 5},
      {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}};
  const char widths[] = {2, 2, 4, 4, 4, 8, 8};
  for (size_t i = 0; i < sets.size(); ++i) {
    const std::string intset = MakeIntset(sets[i]);
    EXPECT_EQ(intset[0], widths[i]);
    Words digits;
    for (const int64_t number : sets[i]) digits.push_back(std::to_string(number));
    EXPECT_THAT(*Read(&ReadIntset, intset), ElementsAreArray(digits));
    ExpectOnlyWhole(&ReadIntset, intset);
  }
}

TEST(IntsetTest, IsSoundOrRefused) {
  EXPECT_TRUE(Read(&ReadIntset, "\2\0\0\0\2\0\0\0\1\0\2\0"s));
  EXPECT_FALSE(Read(&ReadIntset, "\2\0\0\0\2\0\0\0\2\0\2\0"s)) << "twice the same";
  EXPECT_FALSE(Read(&ReadIntset, "\2\0\0\0\2\0\0\0\2\0\1\0"s)) << "descending";
  EXPECT_FALSE(Read(&ReadIntset, "\3\0\0\0\0\0\0\0"s)) << "no width";
  EXPECT_FALSE(Read(&ReadIntset, "\4\0\0\0\0\0\0\x40"s)) << "more than there is";
}

TEST(PackedFormsTest, StopWhereTooMuchComesOut) {
  const Words many(1000, "1");
  const std::pair<Unpack, std::string> forms[] = {{&ReadListpack, MakeListpack(many)},
                                                  {&ReadZiplist, MakeZiplist(many)},
                                                  {&ReadZipmap, MakeZipmap(many)}};
  for (const auto& [unpack, packed] : forms) {
    Texts texts(100 * Texts::kElementBytes);
    std::vector<std::string_view> words;
    (void)unpack(packed, texts, words);
    EXPECT_TRUE(texts.full());
    EXPECT_LT(words.size(), 110U);
  }
}

}  // namespace
}  // namespace holdfast::storage::dump
