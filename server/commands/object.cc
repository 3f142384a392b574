#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>

#include "resp/number.h"
#include "server/command/context.h"
#include "server/commands/families.h"
#include "server/commands/idle_time.h"
#include "server/commands/object_encoding.h"
#include "storage/keyspace.h"

// OBJECT and MEMORY: how values are held, told in Redis's words.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;
using storage::Encoding;
using storage::Entry;
using storage::ValueType;

const CommandError kNoFrequencies(
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when "
    "switching between policies at runtime LRU and LFU data will take some time to adjust.");

constexpr size_t kEmbeddedStringBytes = 44;
// What -1 to -5 mean in list-max-listpack-size.
constexpr std::array<uint64_t, 5> kListpackBytes = {4096, 8192, 16384, 32768, 65536};

std::string_view StringEncoding(const Entry& entry) {
  using storage::StringForm;
  if (entry.form == StringForm::kPlain && resp::ParseInteger(entry.value)) return "int";
  const bool embedded = entry.form != StringForm::kRaw && entry.value.size() <= kEmbeddedStringBytes;
  return embedded ? "embstr" : "raw";
}

std::string_view ListEncoding(const Entry& entry, int64_t limit) {
  if (limit >= 0) return entry.count <= static_cast<uint64_t>(limit) ? "listpack" : "quicklist";
  const size_t step = std::min(static_cast<size_t>(-(limit + 1)), kListpackBytes.size() - 1);
  return entry.bytes <= kListpackBytes[step] ? "listpack" : "quicklist";
}

}  // namespace

std::string_view EncodingName(const Entry& entry, const storage::InlineLimits& limits) {
  const bool small = entry.encoding == Encoding::kInline;
  switch (entry.type) {
    case ValueType::kString:
      return StringEncoding(entry);
    case ValueType::kList:
      return ListEncoding(entry, limits.list_max_listpack_size);
    case ValueType::kSet:
      if (entry.encoding == Encoding::kIntegers) return "intset";
      return small ? "listpack" : "hashtable";
    case ValueType::kHash:
      return small ? "listpack" : "hashtable";
    case ValueType::kSortedSet:
      return small ? "listpack" : "skiplist";
    case ValueType::kStream:
      return "stream";
  }
  return "unknown";
}

int64_t ReferenceCount(const Entry& entry) {
  constexpr int64_t kSharedIntegers = 10'000;
  if (entry.type != ValueType::kString) return 1;
  const std::optional<int64_t> number = resp::ParseInteger(entry.value);
  return number && *number >= 0 && *number < kSharedIntegers ? std::numeric_limits<int32_t>::max() : 1;
}

namespace {

// The key that an OBJECT subcommand is about; without it the reply is null.
std::optional<Entry> FindOrNull(Context& context) {
  context.keyspace.set_counts_reads(false);  // a look at a key is no read of its value
  std::optional<Entry> entry = context.keyspace.Find(context.args.Bytes());
  if (!entry) context.reply.Null();
  return entry;
}

Outcome ObjectEncoding(Context& context) {
  if (const auto entry = FindOrNull(context)) {
    context.reply.Bulk(EncodingName(*entry, context.transaction().limits()));
  }
  return Done{};
}

Outcome ObjectFreq(Context& context) {
  if (FindOrNull(context)) return kNoFrequencies;
  return Done{};
}

Outcome ObjectIdleTime(Context& context) {
  const std::string_view key = context.args.peek();
  if (FindOrNull(context)) context.reply.Integer(IdleSeconds(context, key));
  return Done{};
}

Outcome ObjectRefCount(Context& context) {
  if (const auto entry = FindOrNull(context)) context.reply.Integer(ReferenceCount(*entry));
  return Done{};
}

// What the entries of a key take in the map, their headers estimated.
uint64_t StoredBytes(std::string_view key, const Entry& entry) {
  constexpr uint64_t kKeyOverhead = 64;
  constexpr uint64_t kElementOverhead = 40;
  const uint64_t payload = entry.encoding == Encoding::kElements ? entry.bytes : entry.value.size();
  const uint64_t elements = entry.encoding == Encoding::kElements ? entry.count : 0;
  return kKeyOverhead + key.size() + payload + elements * kElementOverhead;
}

Outcome MemoryUsage(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  if (args.Keyword("SAMPLES") && args.Integer() < 0) args.Fail(command::kSyntaxError);
  if (auto error = args.Finish()) return *error;
  context.keyspace.set_counts_reads(false);
  const std::optional<Entry> entry = context.keyspace.Find(key);
  if (entry) {
    context.reply.Integer(static_cast<int64_t>(StoredBytes(key, *entry)));
  } else {
    context.reply.Null();
  }
  return Done{};
}

constexpr uint32_t kPeek = command::kReadOnly | command::kPeeks;
constexpr std::string_view kGeneric = "generic";

constexpr Command kObjectCommands[] = {
    {"memory|usage", "key [SAMPLES count]", kPeek, "server", "4.0.0", "O(1)",
     "Estimates the bytes that a key and its value take on disk.", MemoryUsage, "RO"},
    {"object|encoding", "key", kPeek, kGeneric, "2.2.3", "O(1)",
     "Names the form in which Redis would hold a value of this kind and size.", ObjectEncoding, "RO"},
    {"object|freq", "key", kPeek, kGeneric, "4.0.0", "O(1)",
     "Answers an error: how often a key is used is not counted.", ObjectFreq, "RO"},
    {"object|idletime", "key", kPeek, kGeneric, "2.2.3", "O(1)",
     "Returns for how many seconds a key was not used, as far as is remembered.", ObjectIdleTime, "RO"},
    {"object|refcount", "key", kPeek, kGeneric, "2.2.3", "O(1)",
     "Answers 1, and 2147483647 for the small integers that a Redis shares.", ObjectRefCount, "RO"},
};

}  // namespace

Family ObjectCommands() { return kObjectCommands; }

}  // namespace holdfast::server::commands
