#pragma once

#include <string_view>

#include "server/command/table.h"

namespace holdfast::server::command {

// A table with a command of each kind that permissions tell apart.
inline Outcome Nothing(Context&) { return Done{}; }

constexpr Command MakeCommand(std::string_view name, std::string_view syntax, uint32_t flags,
                              std::string_view group, std::string_view keys = {}) {
  return {name, syntax, flags, group, "1.0.0", "O(1)", "Does nothing.", &Nothing, keys};
}

inline constexpr Command kAclFamily[] = {
    MakeCommand("get", "key", kReadOnly | kFast, "string"),
    MakeCommand("strlen", "key", kReadOnly | kFast, "string", "RO"),
    MakeCommand("set", "key value [GET]", kWrite, "string",
                "RW access update; from 3 without GET: OW update"),
    MakeCommand("hget", "key field", kReadOnly | kFast, "hash"),
    MakeCommand("rename", "key newkey", kWrite, "generic", "RW access delete, OW update"),
    MakeCommand("eval", "script numkeys [key [key ...]] [arg [arg ...]]", kScript, "scripting",
                "RW access update"),
    MakeCommand("select", "index", kFast, "connection"),
    MakeCommand("auth", "[username] password", kFast | kNoAuth, "connection"),
    MakeCommand("config|get", "parameter [parameter ...]", kAdmin, "server"),
    MakeCommand("config|set", "parameter value", kAdmin, "server"),
    MakeCommand("debug", "subcommand [arg ...]", kAdmin, "server"),
    MakeCommand("subscribe", "channel [channel ...]", kPubSub, "pubsub"),
    MakeCommand("unsubscribe", "[channel [channel ...]]", kPubSub, "pubsub"),
    MakeCommand("psubscribe", "pattern [pattern ...]", kPubSub, "pubsub"),
    MakeCommand("publish", "channel message", kPubSub | kFast, "pubsub"),
};

inline const Table& AclTable() {
  static constexpr std::span<const Command> kFamilies[] = {kAclFamily};
  static const Table& table = *new Table(kFamilies);
  return table;
}

}  // namespace holdfast::server::command
