#include "storage/dump_payload.h"

#include <string>

#include "gtest/gtest.h"
#include "storage/crc64.h"
#include "storage/lzf.h"

namespace holdfast::storage {
namespace {

using std::string_literals::operator""s;

std::optional<std::string> Read(std::string_view body) {
  auto text = TakeDumpString(body);
  EXPECT_TRUE(!text || body.empty());
  return text;
}

TEST(DumpPayloadTest, Checksum) {
  EXPECT_EQ(Crc64(""), 0U);
  EXPECT_EQ(Crc64("123456789"), 0xE9C6D914C4B8D9CAU);
}

TEST(DumpPayloadTest, WhatRedisCallsEmpty) {
  std::string body;
  SealDump(body);
  EXPECT_EQ(body, "\n\0]\x9b\\@\x0f\x7f\xa2\xda"s);
  EXPECT_EQ(OpenDump(body), "");
}

TEST(DumpPayloadTest, RefusesWhatIsNotWhole) {
  std::string payload = "some body";
  SealDump(payload);
  EXPECT_EQ(OpenDump(payload), "some body");
  for (size_t i = 0; i < payload.size(); ++i) {
    std::string other = payload;
    other[i] ^= 1;
    EXPECT_FALSE(OpenDump(other)) << i;
    EXPECT_FALSE(OpenDump(std::string_view(payload).substr(0, i)));
  }
}

TEST(DumpPayloadTest, RefusesNewerVersions) {
  for (const uint16_t version : {kMaxDumpVersion, static_cast<uint16_t>(kMaxDumpVersion + 1)}) {
    std::string payload = {static_cast<char>(version), '\0'};
    const uint64_t crc = Crc64(payload);
    for (int i = 0; i < 8; ++i) payload += static_cast<char>(crc >> (8 * i));
    EXPECT_EQ(OpenDump(payload).has_value(), version == kMaxDumpVersion);
  }
}

TEST(DumpPayloadTest, LengthsOfEachForm) {
  const std::string forms[] = {
      "\x3f"s, "\x40\x40"s, "\x7f\xff"s, "\x80\0\0\x40\0"s, "\x80\xff\xff\xff\xff"s, "\x81\0\0\0\1\0\0\0\0"s};
  const uint64_t lengths[] = {63, 64, 16383, 16384, UINT32_MAX, uint64_t{1} << 32};
  for (size_t i = 0; i < std::size(lengths); ++i) {
    std::string out;
    AppendDumpLength(out, lengths[i]);
    EXPECT_EQ(out, forms[i]);
    std::string_view body = out;
    EXPECT_EQ(TakeDumpLength(body), lengths[i]);
    for (size_t cut = 0; cut < out.size(); ++cut) {
      body = std::string_view(out).substr(0, cut);
      EXPECT_FALSE(TakeDumpLength(body));
    }
  }
}

TEST(DumpPayloadTest, StringsThatAreNumbers) {
  EXPECT_EQ(Read("\xc0\x7f"s), "127");
  EXPECT_EQ(Read("\xc0\x80"s), "-128");
  EXPECT_EQ(Read("\xc1\x39\x30"s), "12345");
  EXPECT_EQ(Read("\xc2\xff\xff\xff\xff"s), "-1");
  EXPECT_EQ(Read("\xc1\x39"s), std::nullopt);
  EXPECT_EQ(Read("\xc4"s), std::nullopt);
}

TEST(DumpPayloadTest, CompressedStrings) {
  // 'a', then 19 bytes from one before.
  EXPECT_EQ(Read("\xc3\x05\x14\x00\x61\xe0\x0a\x00"s), std::string(20, 'a'));
  EXPECT_EQ(Read("\xc3\x05\x15\x00\x61\xe0\x0a\x00"s), std::nullopt) << "of another size";
  EXPECT_EQ(LzfDecompress("\x02xyz\x20\x02"s, 6), "xyzxyz");
  EXPECT_EQ(LzfDecompress("\x02xyz\x20\x03"s, 6), std::nullopt) << "from before the beginning";
  EXPECT_EQ(LzfDecompress("\x03xyz"s, 4), std::nullopt) << "cut short";
  EXPECT_EQ(LzfDecompress(""s, 1 << 20), std::nullopt);
}

}  // namespace
}  // namespace holdfast::storage
