#include <optional>
#include <string_view>

#include "server/command/context.h"
#include "server/command/type_name.h"
#include "server/commands/database_number.h"
#include "server/commands/families.h"
#include "storage/key_moves.h"
#include "storage/keyspace.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;
using storage::EventClass;
using storage::Keyspace;
using storage::Slot;

const CommandError kSameObject("ERR source and destination objects are the same");

Outcome Del(Context& context) {
  int64_t removed = 0;
  for (const std::string_view key : context.args.Rest()) {
    if (!context.keyspace.Remove(key)) continue;
    ++removed;
    context.keyspace.Notify(EventClass::kGeneric, "del", key);
  }
  context.reply.Integer(removed);
  return Done{};
}

// A key named twice counts twice.
Outcome Exists(Context& context) {
  int64_t found = 0;
  for (const std::string_view key : context.args.Rest()) found += context.keyspace.Find(key) ? 1 : 0;
  context.reply.Integer(found);
  return Done{};
}

// An access even to those whose commands are none (CLIENT NO-TOUCH).
Outcome TouchKeys(Context& context) {
  context.keyspace.set_touches(true);
  return Exists(context);
}

Outcome Type(Context& context) {
  const std::optional<storage::Entry> entry = context.keyspace.Find(context.args.Bytes());
  context.reply.SimpleString(entry ? command::TypeName(entry->type) : "none");
  return Done{};
}

void MoveTo(Context& context, Slot& from, Slot& to) {
  storage::MoveValue(context.keyspace, from, context.keyspace, to);
  context.keyspace.Notify(EventClass::kGeneric, "rename_from", from.key);
  context.keyspace.Notify(EventClass::kGeneric, "rename_to", to.key);
}

Outcome Rename(Context& context) {
  Slot from = context.keyspace.Look(context.args.Bytes());
  const std::string_view name = context.args.Bytes();
  if (!from.entry) return command::kNoSuchKey;
  if (from.key != name) {
    Slot to = context.keyspace.Look(name);
    MoveTo(context, from, to);
  }
  context.reply.Ok();
  return Done{};
}

Outcome RenameNx(Context& context) {
  Slot from = context.keyspace.Look(context.args.Bytes());
  Slot to = context.keyspace.Look(context.args.Bytes());
  if (!from.entry) return command::kNoSuchKey;
  const bool renamed = !to.entry;
  if (renamed) MoveTo(context, from, to);
  context.reply.Integer(renamed ? 1 : 0);
  return Done{};
}

struct CopyOptions {
  int database;
  bool replace = false;

  void Read(Args& args) {
    while (!args.done() && !args.failed()) {
      if (args.Keyword("REPLACE")) {
        replace = true;
      } else if (args.remaining() > 1 && args.Keyword("DB")) {
        database = ReadDatabase(args);
      } else {
        args.Fail(command::kSyntaxError);
      }
    }
  }
};

Outcome Copy(Context& context) {
  const std::string_view source = context.args.Bytes();
  const std::string_view destination = context.args.Bytes();
  CopyOptions options{context.keyspace.database()};
  options.Read(context.args);
  if (auto error = context.args.Finish()) return *error;
  if (source == destination && options.database == context.keyspace.database()) return kSameObject;
  Keyspace target = context.keyspace.In(options.database);
  context.keyspace.set_counts_reads(true);
  const Slot from = context.keyspace.Look(source);
  context.keyspace.set_counts_reads(false);
  Slot to = target.Look(destination);
  const bool copied = from.entry && (!to.entry || options.replace);
  if (copied) {
    storage::CopyValue(from, target, to);
    target.Notify(EventClass::kGeneric, "copy_to", destination);
  }
  context.reply.Integer(copied ? 1 : 0);
  return Done{};
}

Outcome Move(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int database = ReadDatabase(context.args);
  if (auto error = context.args.Finish()) return *error;
  if (database == context.keyspace.database()) return kSameObject;
  Keyspace target = context.keyspace.In(database);
  Slot from = context.keyspace.Look(key);
  Slot to = target.Look(key);
  const bool moved = from.entry && !to.entry;
  if (moved) {
    storage::MoveValue(context.keyspace, from, target, to);
    context.keyspace.Notify(EventClass::kGeneric, "move_from", key);
    target.Notify(EventClass::kGeneric, "move_to", key);
  }
  context.reply.Integer(moved ? 1 : 0);
  return Done{};
}

constexpr uint32_t kReadFast = command::kReadOnly | command::kFast;
constexpr uint32_t kPeekFast = kReadFast | command::kPeeks;
constexpr uint32_t kWriteFast = command::kWrite | command::kFast;
constexpr std::string_view kGroup = "generic";

constexpr Command kKeyCommands[] = {
    {"copy", "source destination [DB destination-db] [REPLACE]", command::kWrite | command::kGrows, kGroup,
     "6.2.0", "O(N) for a collection of N elements, O(1) for a string.",
     "Copies a key's value to another key.", Copy, "RO access, OW update"},
    {"del", "key [key ...]", command::kWrite, kGroup, "1.0.0",
     "O(N) with N being the number of keys; a collection's elements are deleted later.", "Deletes keys.", Del,
     "RM delete"},
    {"exists", "key [key ...]", kPeekFast, kGroup, "1.0.0", "O(N) with N being the number of keys.",
     "Counts how many of the keys exist.", Exists, "RO"},
    {"move", "key db", kWriteFast, kGroup, "1.0.0", "O(1)", "Moves a key to another database.", Move},
    {"rename", "key newkey", command::kWrite | command::kBookkeeping, kGroup, "1.0.0", "O(1)",
     "Gives a key another name, replacing what had that name.", Rename, "RW access delete, OW update"},
    {"renamenx", "key newkey", kWriteFast | command::kBookkeeping, kGroup, "1.0.0", "O(1)",
     "Gives a key another name that no key has.", RenameNx, "RW access delete, OW insert"},
    {"touch", "key [key ...]", kReadFast, kGroup, "3.2.1", "O(N) with N being the number of keys.",
     "Notes that the keys are used now, and counts how many of them exist.", TouchKeys, "RO"},
    {"type", "key", kPeekFast, kGroup, "1.0.0", "O(1)", "Returns the type of a key's value.", Type, "RO"},
    {"unlink", "key [key ...]", kWriteFast, kGroup, "4.0.0",
     "O(N) with N being the number of keys; a collection's elements are deleted later.", "Deletes keys.", Del,
     "RM delete"},
};

}  // namespace

Family KeyCommands() { return kKeyCommands; }

}  // namespace holdfast::server::commands
