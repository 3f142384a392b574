#include <limits>
#include <utility>
#include <vector>

#include "server/command/context.h"
#include "server/command/random_count.h"
#include "server/command/scan_options.h"
#include "server/commands/families.h"
#include "storage/hash.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::Context;
using command::Done;
using command::Flag;
using command::kWrongType;
using command::Outcome;
using command::RandomCount;
using command::ScanOptions;
using storage::Hash;

enum class Parts { kFields, kValues, kBoth };

template <Parts kParts>
Outcome HGetAll(Context& context) {
  const std::string_view key = context.args.Bytes();
  const Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  kParts == Parts::kBoth ? context.reply.Map(hash.size()) : context.reply.Array(hash.size());
  hash.elements().Visit([&](std::string_view field, std::string_view value) {
    if (kParts != Parts::kValues) context.reply.Bulk(field);
    if (kParts != Parts::kFields) context.reply.Bulk(value);
    return true;
  });
  return Done{};
}

Outcome RandomField(Context& context, const Hash& hash) {
  std::optional<std::string_view> chosen;
  hash.elements().Sample(1, [&](std::string_view field, std::string_view) {
    chosen = field;
    return true;
  });
  chosen ? context.reply.Bulk(*chosen) : context.reply.Null();
  return Done{};
}

Outcome RandomFields(Context& context, const Hash& hash, const RandomCount& wanted, Parts parts) {
  if (!hash.empty() && wanted.too_many()) return command::kOutOfRange;
  std::vector<std::pair<std::string_view, std::string_view>> chosen;
  const auto choose = [&](std::string_view field, std::string_view value) {
    chosen.emplace_back(field, value);
    return true;
  };
  wanted.repeats ? hash.elements().SampleWithRepeats(wanted.count, choose)
                 : hash.elements().Sample(wanted.count, choose);
  parts == Parts::kBoth ? context.reply.Pairs(chosen.size()) : context.reply.Array(chosen.size());
  for (const auto& [field, value] : chosen) {
    if (parts == Parts::kBoth) context.reply.Pair();
    context.reply.Bulk(field);
    if (parts == Parts::kBoth) context.reply.Bulk(value);
  }
  return Done{};
}

Outcome HRandField(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const bool counted = !args.done();
  const RandomCount wanted = counted ? ReadRandomCount(args) : RandomCount{};
  const Parts parts = args.Keyword("WITHVALUES") ? Parts::kBoth : Parts::kFields;
  if (auto error = args.Finish()) return *error;
  // Redis's reply counts fields and values in one signed number.
  constexpr uint64_t kMaxPairs = std::numeric_limits<int64_t>::max() / 2;
  if (parts == Parts::kBoth && wanted.count > kMaxPairs) return command::kOutOfRange;

  const Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  return counted ? RandomFields(context, hash, wanted, parts) : RandomField(context, hash);
}

Outcome HScan(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const uint64_t cursor = command::ReadScanCursor(args);
  if (args.failed()) return *args.error();
  const Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  // Redis does not look at the options where there is nothing to scan.
  if (hash.empty()) args.Rest();
  ScanOptions options;
  options.ReadAll(args);
  const Parts parts = args.Keyword("NOVALUES") ? Parts::kFields : Parts::kBoth;
  options.ReadAll(args);
  if (auto error = args.Finish()) return *error;

  std::vector<std::string_view> found;
  const uint64_t next =
      hash.elements().Scan(cursor, options.count, [&](std::string_view field, std::string_view value) {
        if (!options.Matches(field)) return true;
        found.push_back(field);
        if (parts == Parts::kBoth) found.push_back(value);
        return true;
      });
  command::WriteScan(context.reply, next, found);
  return Done{};
}

constexpr Command kHashWalkCommands[] = {
    Command{.name = "hgetall",
            .syntax = "key",
            .flags = Flag::kReadOnly,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(N), N being the size of the hash",
            .summary = "Reads all fields and values.",
            .run = &HGetAll<Parts::kBoth>},
    Command{.name = "hkeys",
            .syntax = "key",
            .flags = Flag::kReadOnly,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(N), N being the size of the hash",
            .summary = "Reads all fields.",
            .run = &HGetAll<Parts::kFields>},
    Command{.name = "hvals",
            .syntax = "key",
            .flags = Flag::kReadOnly,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(N), N being the size of the hash",
            .summary = "Reads all values.",
            .run = &HGetAll<Parts::kValues>},
    Command{.name = "hrandfield",
            .syntax = "key [count [WITHVALUES]]",
            .flags = Flag::kReadOnly,
            .group = "hash",
            .since = "6.2.0",
            .complexity = "O(N), N being the fields asked for; above a third of the hash its size",
            .summary = "Chooses fields at random.",
            .run = &HRandField},
    Command{.name = "hscan",
            .syntax = "key cursor [MATCH pattern] [COUNT count] [NOVALUES]",
            .flags = Flag::kReadOnly,
            .group = "hash",
            .since = "2.8.0",
            .complexity = "O(1) a call; O(N) for all calls until the cursor is 0 again",
            .summary = "Iterates over fields and values.",
            .run = &HScan},
};

}  // namespace

Family HashWalkCommands() { return kHashWalkCommands; }

}  // namespace holdfast::server::commands
