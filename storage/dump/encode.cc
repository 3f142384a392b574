#include "storage/dump/encode.h"

#include <bit>
#include <charconv>
#include <vector>

#include "storage/dump/intset.h"
#include "storage/dump/listpack.h"
#include "storage/dump/payload.h"
#include "storage/dump/stream_payload.h"
#include "storage/dump/value.h"
#include "storage/hash.h"
#include "storage/integer_text.h"
#include "storage/list.h"
#include "storage/set.h"
#include "storage/sorted_set.h"

namespace holdfast::storage::dump {
namespace {

// As large as Redis makes the nodes of its lists.
constexpr size_t kNodeBytes = 8192;
// What an element takes beside its bytes, at most.
constexpr uint64_t kElementBytes = 16;

void Begin(std::string& out, Form form) { out += static_cast<char>(form); }

void AppendList(std::string& out, Keyspace& keyspace, std::string_view key) {
  Begin(out, Form::kListOfNodes);
  const size_t begin = out.size();
  uint64_t count = 0;
  ListpackWriter node;
  const auto finish = [&] {
    AppendLength(out, kNodeOfListpack);
    AppendString(out, node.Finish());
    ++count;
  };
  List list(keyspace, key);
  list.Range(0, list.size(), [&](std::string_view element) {
    if (!node.empty() && node.bytes() + element.size() > kNodeBytes) finish();
    node.Append(element);
  });
  finish();
  InsertLength(out, begin, count);
}

void AppendSet(std::string& out, Keyspace& keyspace, std::string_view key) {
  const Set set(keyspace, key);
  if (set.elements().encoding() == Encoding::kIntegers) {
    std::vector<int64_t> numbers;
    set.elements().Visit([&](std::string_view member, std::string_view) {
      numbers.push_back(CanonicalInteger(member).value_or(0));
      return true;
    });
    Begin(out, Form::kSetIntset);
    return AppendString(out, MakeIntset(numbers));
  }
  Begin(out, Form::kSet);
  AppendLength(out, set.size());
  set.elements().Visit([&](std::string_view member, std::string_view) {
    AppendString(out, member);
    return true;
  });
}

void AppendHash(std::string& out, Keyspace& keyspace, std::string_view key) {
  const Hash hash(keyspace, key);
  if (!hash.elements().grown()) {
    ListpackWriter packed;
    hash.elements().Visit([&](std::string_view field, std::string_view value) {
      packed.Append(field);
      packed.Append(value);
      return true;
    });
    Begin(out, Form::kHashListpack);
    return AppendString(out, packed.Finish());
  }
  Begin(out, Form::kHash);
  AppendLength(out, hash.size());
  hash.elements().Visit([&](std::string_view field, std::string_view value) {
    AppendString(out, field);
    AppendString(out, value);
    return true;
  });
}

void AppendScore(ListpackWriter& packed, double score) {
  char digits[32];
  const auto made = std::to_chars(std::begin(digits), std::end(digits), score);
  packed.Append(std::string_view(digits, static_cast<size_t>(made.ptr - digits)));
}

void AppendSortedSet(std::string& out, Keyspace& keyspace, std::string_view key, Encoding encoding) {
  const SortedSet set(keyspace, key);
  if (encoding == Encoding::kInline) {
    ListpackWriter packed;
    (void)set.Scan(0, set.size(), [&](const ScoredMember& element) {
      packed.Append(element.member);
      AppendScore(packed, element.score);
    });
    Begin(out, Form::kSortedSetListpack);
    return AppendString(out, packed.Finish());
  }
  Begin(out, Form::kSortedSet);
  AppendLength(out, set.size());
  (void)set.Scan(0, set.size(), [&](const ScoredMember& element) {
    AppendString(out, element.member);
    AppendLittleEndian(out, std::bit_cast<uint64_t>(element.score), sizeof(double));
  });
}

bool AppendValue(std::string& out, Keyspace& keyspace, const Slot& slot) {
  switch (slot.entry->type) {
    case ValueType::kString:
      Begin(out, Form::kString);
      AppendString(out, slot.entry->value);
      return true;
    case ValueType::kList:
      AppendList(out, keyspace, slot.key);
      return true;
    case ValueType::kSet:
      AppendSet(out, keyspace, slot.key);
      return true;
    case ValueType::kHash:
      AppendHash(out, keyspace, slot.key);
      return true;
    case ValueType::kSortedSet:
      AppendSortedSet(out, keyspace, slot.key, slot.entry->encoding);
      return true;
    case ValueType::kStream:
      Begin(out, Form::kStream70);
      return AppendStream(out, Stream(keyspace, slot.key));
  }
  return false;
}

bool IsTooLong(const Entry& entry) {
  return entry.type != ValueType::kString && entry.bytes + entry.count * kElementBytes > kMaxPayloadBytes;
}

}  // namespace

std::optional<std::string> Encode(Keyspace& keyspace, const Slot& slot) {
  std::string payload;
  if (IsTooLong(*slot.entry) || !AppendValue(payload, keyspace, slot)) return std::nullopt;
  Seal(payload);
  return payload;
}

}  // namespace holdfast::storage::dump
