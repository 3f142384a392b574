#include "server/commands/debug_values.h"

#include <limits>
#include <string>

#include "resp/number.h"
#include "server/command/context.h"
#include "server/command/words.h"
#include "server/commands/idle_time.h"
#include "server/commands/object_encoding.h"
#include "storage/keyspace.h"
#include "storage/string.h"

namespace holdfast::server::commands {
namespace {

using namespace command;
using storage::Entry;

const CommandError kNotSds("ERR Not an sds encoded string.");
const CommandError kNotListpack("ERR Not a listpack encoded object.");
const CommandError kNotQuicklist("ERR Not a quicklist encoded object.");
const CommandError kNoTable(
    "ERR The value stored at the specified key is not represented using an hash table");
const CommandError kNoDatabase("ERR Out of range database");
const CommandError kTooMuch("ERR DEBUG POPULATE would make more than one command may store");

// What one command may store.
constexpr int64_t kMostPopulatedBytes = int64_t{1} << 30;
// Redis writes keys into a buffer of 128 bytes, a zero byte at their end.
constexpr size_t kLongestKey = 127;

std::string_view EncodingOf(const Context& context, const Entry& entry) {
  return EncodingName(entry, context.transaction().limits());
}

// What an allocation of a string with its header and its zero byte takes.
size_t AllocatedBytes(size_t length) {
  constexpr size_t kRounding = 8;
  const size_t header = length < 32 ? 1 : length < 256 ? 3 : length < 65536 ? 5 : 9;
  return (header + length + kRounding) / kRounding * kRounding;
}

std::string TableText(uint64_t elements) {
  const std::string facts = elements == 0 ? "No stats available for empty dictionaries\n"
                                          : Concat({" number of elements: ", std::to_string(elements), "\n"});
  return "Hash table 0 stats (main hash table):\n" + facts;
}

// A status where the value is held in that form; else the error.
Outcome RequireEncoding(Context& context, std::string_view encoding, const CommandError& error,
                        std::string_view status) {
  context.keyspace.set_counts_reads(false);
  const auto entry = context.keyspace.Find(context.args.Bytes());
  if (!entry) return kNoSuchKey;
  if (EncodingOf(context, *entry) != encoding) return error;
  context.reply.SimpleString(status);
  return Done{};
}

// Redis's value for that number: cut to `size` or filled with zero bytes up to it, unless that is 0.
std::string PopulatedValue(int64_t number, size_t size) {
  std::string value = "value:" + std::to_string(number);
  if (size > 0) value.resize(size);
  return value;
}

}  // namespace

Outcome DebugObject(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto entry = context.keyspace.Find(key);
  if (!entry) return kNoSuchKey;
  const std::string_view encoding = EncodingName(*entry, context.transaction().limits());
  std::string text =
      Concat({"Value at:0x", std::to_string(entry->id), " refcount:", std::to_string(ReferenceCount(*entry)),
              " encoding:", encoding, " serializedlength:", std::to_string(entry->bytes),
              " lru:0 lru_seconds_idle:", std::to_string(IdleSeconds(context, key))});
  if (entry->type == storage::ValueType::kList) {
    text +=
        Concat({" ql_nodes:1 ql_avg_node:", std::to_string(entry->count),
                ".00 ql_listpack_max:", std::to_string(context.transaction().limits().list_max_listpack_size),
                " ql_compressed:0 ql_uncompressed_size:", std::to_string(entry->bytes)});
  }
  context.reply.SimpleString(text);
  return Done{};
}

Outcome DebugStringLengths(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto entry = context.keyspace.Find(key);
  if (!entry) return kNoSuchKey;
  if (entry->type != storage::ValueType::kString || EncodingOf(context, *entry) == "int") return kNotSds;
  const auto lengths = [](std::string_view what, size_t length) {
    return Concat({what, "_sds_len:", std::to_string(length), ", ", what, "_sds_avail:0, ", what,
                   "_zmalloc: ", std::to_string(AllocatedBytes(length))});
  };
  context.reply.SimpleString(Concat({lengths("key", key.size()), ", ", lengths("val", entry->value.size())}));
  return Done{};
}

Outcome DebugDatabaseTable(Context& context) {
  const int64_t number = context.args.Integer();
  if (auto error = context.args.error()) return *error;
  if (number < 0 || number >= storage::Transaction::kMaxDatabases) return kNoDatabase;
  const storage::Database& database = context.transaction().database(static_cast<int>(number));
  context.reply.Verbatim("txt", Concat({"[Dictionary HT]\n", TableText(database.keys), "[Expires HT]\n",
                                        TableText(database.expiring_keys)}));
  return Done{};
}

Outcome DebugValueTable(Context& context) {
  const auto entry = context.keyspace.Find(context.args.Bytes());
  if (!entry) return kNoSuchKey;
  const std::string_view encoding = EncodingOf(context, *entry);
  if (encoding != "hashtable" && encoding != "skiplist") return kNoTable;
  context.reply.Verbatim("txt", TableText(entry->count));
  return Done{};
}

Outcome DebugListpack(Context& context) {
  return RequireEncoding(context, "listpack", kNotListpack, "Listpack structure printed on stdout");
}

Outcome DebugQuicklist(Context& context) {
  return RequireEncoding(context, "quicklist", kNotQuicklist, "Quicklist structure printed on stdout");
}

Outcome DebugPopulate(Context& context) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  Args& args = context.args;
  const int64_t count = args.Integer(0, kMost, kMustBePositive);
  const std::string_view prefix = args.done() ? "key" : UpToZero(args.Bytes());
  const int64_t size = args.done() ? 0 : args.Integer(0, kMost, kMustBePositive);
  if (auto error = args.error()) return *error;
  if (size > kMostPopulatedBytes) return kTooMuch;
  const int64_t before = context.transaction().growth();
  for (int64_t i = 0; i < count; ++i) {
    const std::string key = Concat({prefix, ":", std::to_string(i)}).substr(0, kLongestKey);
    storage::String string(context.keyspace, key);
    if (string.occupied()) continue;
    string.Set(PopulatedValue(i, static_cast<size_t>(size)));
    if (context.transaction().growth() - before > kMostPopulatedBytes) return kTooMuch;
  }
  context.reply.Ok();
  return Done{};
}

}  // namespace holdfast::server::commands
