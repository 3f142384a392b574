#include "storage/bits.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace holdfast::storage {
namespace {

TEST(BitsTest, BitZeroIsTheHighestOfTheFirstByte) {
  EXPECT_EQ(ReadBits("\x80", 0, 1), 1u);
  EXPECT_EQ(ReadBits("\x80", 1, 7), 0u);
  EXPECT_EQ(ReadBits("\x12\x34", 4, 8), 0x23u);
}

TEST(BitsTest, BytesPastTheEndReadAsZero) {
  EXPECT_EQ(ReadBits("\xff", 4, 8), 0xf0u);
  EXPECT_EQ(ReadBits("", 1ULL << 40, 64), 0u);
}

TEST(BitsTest, AWriteLengthensTheStringToTheLastBitOnly) {
  std::string bytes;
  WriteBits(bytes, 7, 2, 3);
  EXPECT_EQ(bytes, "\x01\x80");
  EXPECT_EQ(BytesForBits(7, 1), 1u);
  EXPECT_EQ(BytesForBits(7, 2), 2u);
}

TEST(BitsTest, AWriteLeavesTheNeighboursAlone) {
  std::string bytes = "\xff\xff";
  WriteBits(bytes, 6, 4, 0);
  EXPECT_EQ(bytes, "\xfc\x3f");
}

TEST(BitsTest, AgreesWithOneBitAtATime) {
  std::mt19937_64 random(3);
  std::string bytes;
  std::vector<bool> model(300);
  for (int step = 0; step < 5000; ++step) {
    const unsigned width = 1 + random() % 64;
    const uint64_t offset = random() % (model.size() - width);
    const uint64_t value = random();
    WriteBits(bytes, offset, width, value);
    for (unsigned bit = 0; bit < width; ++bit) model[offset + bit] = (value >> (width - 1 - bit) & 1) != 0;

    const unsigned read_width = 1 + random() % 64;
    const uint64_t read_offset = random() % (model.size() - read_width);
    uint64_t expected = 0;
    for (unsigned bit = 0; bit < read_width; ++bit) expected = expected << 1 | model[read_offset + bit];
    ASSERT_EQ(ReadBits(bytes, read_offset, read_width), expected) << step;
  }
}

TEST(BitsTest, CountsAndFindsAsOneBitAtATimeDoes) {
  std::mt19937_64 random(5);
  for (int step = 0; step < 3000; ++step) {
    std::string bytes(1 + random() % 40, step % 2 == 0 ? '\0' : '\xff');
    for (uint64_t flips = random() % 4; flips > 0; --flips) {
      const uint64_t offset = random() % (bytes.size() * 8);
      WriteBits(bytes, offset, 1, ~ReadBits(bytes, offset, 1));
    }
    const uint64_t first = random() % (bytes.size() * 8);
    const uint64_t count = random() % (bytes.size() * 8 - first + 1);
    uint64_t ones = 0;
    std::array<std::optional<uint64_t>, 2> found;
    for (uint64_t offset = first; offset < first + count; ++offset) {
      const uint64_t bit = ReadBits(bytes, offset, 1);
      ones += bit;
      if (!found[bit]) found[bit] = offset;
    }
    ASSERT_EQ(CountOnes(bytes, first, count), ones) << step;
    ASSERT_EQ(FindBit(bytes, 0, first, count), found[0]) << step;
    ASSERT_EQ(FindBit(bytes, 1, first, count), found[1]) << step;
  }
}

}  // namespace
}  // namespace holdfast::storage
