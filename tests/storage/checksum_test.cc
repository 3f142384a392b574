#include "storage/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::storage {
namespace {

TEST(ChecksumTest, MatchesThePublishedVectors) {
  EXPECT_EQ(Crc32c(0, ""), 0u);
  EXPECT_EQ(Crc32c(0, "123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(0, std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(0, std::string(32, '\xff')), 0x62A8AB43u);
}

TEST(ChecksumTest, GoesOnFromTheChecksumOfWhatCameBefore) {
  const std::string text = "The quick brown fox jumps over the lazy dog";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Crc32c(Crc32c(0, text.substr(0, cut)), text.substr(cut)), Crc32c(0, text)) << cut;
  }
}

TEST(ChecksumTest, TheInstructionAndTheTablesAgree) {
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(Crc32c(7, text), PortableCrc32c(7, text)) << i;
    text.push_back(static_cast<char>(i * 31));
  }
}

}  // namespace
}  // namespace holdfast::storage
