#include "storage/lmdb/stored_value.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"

namespace holdfast::storage::lmdb {
namespace {

std::string Stored(std::string_view key, Form form, std::string_view rest) {
  std::string stored(kHeadBytes + rest.size(), '\0');
  WriteStored(key, form, rest, stored);
  return stored;
}

// FORMAT.md, "LMDB entries", shows these bytes.
TEST(StoredValueTest, LooksAsTheFormatSays) {
  EXPECT_EQ(absl::BytesToHexString(Stored("Ka", Form::kWhole, "1")), "25ed45890131");
}

TEST(StoredValueTest, ComesBackWhole) {
  for (const std::string& rest : {std::string(), std::string("x"), std::string(5000, 'x')}) {
    const std::string stored = Stored("key", Form::kWhole, rest);
    const auto value = ReadStored("key", stored);
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(value->form, Form::kWhole);
    EXPECT_EQ(value->rest, rest);
  }
}

TEST(StoredValueTest, EachFlippedBitIsNoticed) {
  const std::string stored = Stored("key", Form::kWhole, "value");
  for (size_t bit = 0; bit < 8 * stored.size(); ++bit) {
    std::string damaged = stored;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(ReadStored("key", damaged).has_value()) << "bit " << bit;
  }
}

TEST(StoredValueTest, ValueUnderAnotherKeyIsDamaged) {
  EXPECT_FALSE(ReadStored("other", Stored("key", Form::kWhole, "value")).has_value());
}

TEST(StoredValueTest, CutOffValueIsDamaged) {
  const std::string stored = Stored("key", Form::kWhole, "value");
  for (size_t bytes = 0; bytes < stored.size(); ++bytes) {
    EXPECT_FALSE(ReadStored("key", stored.substr(0, bytes)).has_value());
  }
}

TEST(StoredValueTest, ChunkListComesBack) {
  const auto list = DecodeChunkList(EncodeChunkList({7, 100'000}));
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->id, 7U);
  EXPECT_EQ(list->value_bytes, 100'000U);
  EXPECT_FALSE(DecodeChunkList("short").has_value());
}

}  // namespace
}  // namespace holdfast::storage::lmdb
