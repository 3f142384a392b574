#include "storage/dump/payload.h"

#include <string>

#include "gtest/gtest.h"
#include "storage/dump/crc64.h"
#include "storage/dump/lzf.h"

namespace holdfast::storage::dump {
namespace {

using std::string_literals::operator""s;

std::optional<std::string> Read(std::string_view bytes) {
  Texts texts(1 << 20);
  ByteReader reader(bytes);
  const std::string_view text = ReadString(reader, texts);
  if (!reader.ok() || !reader.done() || texts.full()) return std::nullopt;
  return std::string(text);
}

std::optional<uint64_t> ReadOneLength(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint64_t length = ReadLength(reader);
  return reader.ok() && reader.done() ? std::optional(length) : std::nullopt;
}

TEST(PayloadTest, Checksum) {
  EXPECT_EQ(Crc64(""), 0U);
  EXPECT_EQ(Crc64("123456789"), 0xE9C6D914C4B8D9CAU);
}

TEST(PayloadTest, WhatRedisCallsEmpty) {
  std::string body;
  Seal(body);
  EXPECT_EQ(body, "\n\0]\x9b\\@\x0f\x7f\xa2\xda"s);
  EXPECT_EQ(Open(body), "");
}

TEST(PayloadTest, RefusesWhatIsNotWhole) {
  std::string payload = "some body";
  Seal(payload);
  EXPECT_EQ(Open(payload), "some body");
  for (size_t i = 0; i < payload.size(); ++i) {
    std::string other = payload;
    other[i] ^= 1;
    EXPECT_FALSE(Open(other)) << i;
    EXPECT_FALSE(Open(std::string_view(payload).substr(0, i)));
  }
}

TEST(PayloadTest, RefusesNewerVersions) {
  for (const uint16_t version : {kMaxVersion, static_cast<uint16_t>(kMaxVersion + 1)}) {
    std::string payload = {static_cast<char>(version), '\0'};
    const uint64_t crc = Crc64(payload);
    for (int i = 0; i < 8; ++i) payload += static_cast<char>(crc >> (8 * i));
    EXPECT_EQ(Open(payload).has_value(), version == kMaxVersion);
  }
}

TEST(PayloadTest, LengthsOfEachForm) {
  const std::string forms[] = {
      "\x3f"s, "\x40\x40"s, "\x7f\xff"s, "\x80\0\0\x40\0"s, "\x80\xff\xff\xff\xff"s, "\x81\0\0\0\1\0\0\0\0"s};
  const uint64_t lengths[] = {63, 64, 16383, 16384, UINT32_MAX, uint64_t{1} << 32};
  for (size_t i = 0; i < std::size(lengths); ++i) {
    std::string out;
    AppendLength(out, lengths[i]);
    EXPECT_EQ(out, forms[i]);
    EXPECT_EQ(ReadOneLength(out), lengths[i]);
    for (size_t cut = 0; cut < out.size(); ++cut) EXPECT_FALSE(ReadOneLength(out.substr(0, cut)));
  }
  EXPECT_FALSE(ReadOneLength("\x82\0\0\0\0"s));
  EXPECT_FALSE(ReadOneLength("\xc0\1"s));
}

TEST(PayloadTest, ALengthMayComeLate) {
  std::string out = "ab";
  InsertLength(out, 1, 64);
  EXPECT_EQ(out,
            "a\x40\x40"
            "b"s);
}

TEST(PayloadTest, StringsThatAreNumbers) {
  EXPECT_EQ(Read("\xc0\x7f"s), "127");
  EXPECT_EQ(Read("\xc0\x80"s), "-128");
  EXPECT_EQ(Read("\xc1\x39\x30"s), "12345");
  EXPECT_EQ(Read("\xc2\xff\xff\xff\xff"s), "-1");
  EXPECT_EQ(Read("\xc1\x39"s), std::nullopt);
  EXPECT_EQ(Read("\xc4"s), std::nullopt);
}

TEST(PayloadTest, StringsAreWrittenAsNumbersWhereTheyAreSuch) {
  const std::string texts[] = {"127",        "-128", "12345", "-32769", "2147483647",
                               "2147483648", "-0",   "007",   "",       "text"};
  const size_t sizes[] = {2, 2, 3, 5, 5, 11, 3, 4, 1, 5};
  for (size_t i = 0; i < std::size(texts); ++i) {
    std::string out;
    AppendString(out, texts[i]);
    EXPECT_EQ(out.size(), sizes[i]) << texts[i];
    EXPECT_EQ(Read(out), texts[i]);
    for (size_t cut = 0; cut < out.size(); ++cut) EXPECT_EQ(Read(out.substr(0, cut)), std::nullopt);
  }
}

TEST(PayloadTest, CompressedStrings) {
  // 'a', then 19 bytes from one before.
  EXPECT_EQ(Read("\xc3\x05\x14\x00\x61\xe0\x0a\x00"s), std::string(20, 'a'));
  EXPECT_EQ(Read("\xc3\x05\x15\x00\x61\xe0\x0a\x00"s), std::nullopt) << "of another size";
  EXPECT_EQ(LzfDecompress("\x02xyz\x20\x02"s, 6), "xyzxyz");
  EXPECT_EQ(LzfDecompress("\x02xyz\x20\x03"s, 6), std::nullopt) << "from before the beginning";
  EXPECT_EQ(LzfDecompress("\x03xyz"s, 4), std::nullopt) << "cut short";
  EXPECT_EQ(LzfDecompress(""s, 1 << 20), std::nullopt);
}

TEST(PayloadTest, WhatComesOutIsBounded) {
  // A byte, and 264 more of it, again and again.
  std::string bytes = "\x00x"s;
  for (int i = 0; i < 8000; ++i) bytes += "\xe0\xff\x00"s;
  const size_t size = 1 + 8000 * 264;
  EXPECT_EQ(LzfDecompress(bytes, size), std::string(size, 'x'));
  std::string compressed = "\xc3";
  AppendLength(compressed, bytes.size());
  AppendLength(compressed, size);
  compressed += bytes;
  for (const uint64_t most : {size - 1, size}) {
    Texts texts(most);
    ByteReader reader(compressed);
    EXPECT_EQ(ReadString(reader, texts).size(), most == size ? size : 0);
    EXPECT_TRUE(reader.ok());
    EXPECT_EQ(texts.full(), most < size);
  }
}

}  // namespace
}  // namespace holdfast::storage::dump
