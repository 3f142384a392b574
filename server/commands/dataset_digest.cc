#include "server/commands/dataset_digest.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "resp/number.h"
#include "storage/element_map.h"
#include "storage/list.h"
#include "storage/sorted_set.h"

namespace holdfast::server::commands {
namespace {

using storage::Keyspace;
using storage::Transaction;
using storage::ValueType;

// Of a list of words, in their order.
uint64_t Mix(const Transaction& transaction, uint64_t before, std::string_view word) {
  std::string bytes(reinterpret_cast<const char*>(&before), sizeof(before));
  bytes += word;
  return transaction.Hash(bytes);
}

uint64_t DigestOfList(Keyspace& keyspace, std::string_view key) {
  uint64_t digest = 1;
  storage::List list(keyspace, key);
  list.Range(0, list.size(),
             [&](std::string_view element) { digest = Mix(keyspace.transaction(), digest, element); });
  return digest;
}

uint64_t DigestOfMap(Keyspace& keyspace, std::string_view key, ValueType type) {
  uint64_t digest = 1;
  const storage::ElementMap elements(keyspace, key, type);
  elements.Visit([&](std::string_view name, std::string_view payload) {
    const uint64_t begin = elements.DueOf(name) == absl::InfiniteFuture() ? 2 : 3;
    digest += Mix(keyspace.transaction(), Mix(keyspace.transaction(), begin, name), payload);
    return true;
  });
  return digest;
}

uint64_t DigestOfSortedSet(Keyspace& keyspace, std::string_view key) {
  uint64_t digest = 1;
  const storage::SortedSet set(keyspace, key);
  for (const auto& element : set.SelectRanks(0, set.size(), storage::Direction::kForward)) {
    digest = Mix(keyspace.transaction(), digest, element.member);
    digest = Mix(keyspace.transaction(), digest, resp::FormatDouble(element.score));
  }
  return digest;
}

uint64_t DigestOfElements(Keyspace& keyspace, std::string_view key, const storage::Entry& entry) {
  switch (entry.type) {
    case ValueType::kString:
      return Mix(keyspace.transaction(), 1, entry.value);
    case ValueType::kList:
      return DigestOfList(keyspace, key);
    case ValueType::kHash:
    case ValueType::kSet:
      return DigestOfMap(keyspace, key, entry.type);
    case ValueType::kSortedSet:
      return DigestOfSortedSet(keyspace, key);
    case ValueType::kStream:
      return Mix(keyspace.transaction(), entry.count, entry.value);
  }
  return 1;
}

}  // namespace

uint64_t DigestOfValue(Keyspace& keyspace, std::string_view key) {
  const auto entry = keyspace.Find(key);
  if (!entry) return 0;
  const uint64_t elements = DigestOfElements(keyspace, key, *entry);
  const auto type = std::to_string(static_cast<int>(entry->type));
  const bool expires = entry->expires != absl::InfiniteFuture();
  return Mix(keyspace.transaction(), elements, type + (expires ? "expires" : ""));
}

uint64_t DigestOfAll(Transaction& transaction) {
  uint64_t digest = 0;
  for (int number = 0; number < Transaction::kMaxDatabases; ++number) {
    Keyspace keyspace(transaction, number);
    std::vector<std::string> keys;
    keyspace.Scan(0, SIZE_MAX, [&](std::string_view key, const storage::Entry&) { keys.emplace_back(key); });
    for (const std::string& key : keys) {
      const std::string name = std::to_string(number) + ":" + key;
      digest ^= Mix(transaction, DigestOfValue(keyspace, key), name);
    }
  }
  return digest;
}

std::string DigestText(uint64_t digest) {
  std::array<char, 48> text;
  const uint64_t second = digest * 0x9E3779B97F4A7C15;
  std::snprintf(text.data(), text.size(), "%016" PRIx64 "%016" PRIx64 "%08" PRIx32, digest, second,
                static_cast<uint32_t>(second >> 7U ^ digest));
  return text.data();
}

}  // namespace holdfast::server::commands
