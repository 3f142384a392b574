#include "tests/server/engine/fake_script_host.h"

#include <array>
#include <cstdlib>

#include "storage/view.h"

namespace holdfast::server::engine {
namespace {

using command::Command;
using command::Outcome;

// Never called: the fake host runs its commands by itself.
Outcome Unused(command::Context&) { std::abort(); }

Command Make(std::string_view name, std::string_view syntax, uint32_t flags) {
  return {.name = name,
          .syntax = syntax,
          .flags = flags,
          .group = "test",
          .since = "1.0.0",
          .complexity = "",
          .summary = "",
          .run = &Unused};
}

const std::vector<Command>& Commands() {
  static const std::vector<Command> commands = {
      Make("get", "key", command::kReadOnly),
      Make("set", "key value", command::kWrite | command::kGrows),
      Make("echo", "message", 0),
      Make("select", "index", 0),
      Make("raw", "reply", command::kReadOnly),
      Make("null", "", command::kReadOnly),
      Make("true", "", command::kReadOnly),
      Make("publish", "channel message", command::kPubSub | command::kMayReplicate),
      Make("subscribe", "channel", command::kPubSub | command::kNoScript),
      Make("group|member", "", 0),
      Make("any", "word [word ...]", 0),
  };
  return commands;
}

// ScriptDoor asks for none of them.
class NoServices : public command::Services {
 public:
  command::PubSub& pubsub() override { std::abort(); }
  command::Clients& clients() override { std::abort(); }
  command::Transactions& transactions() override { std::abort(); }
  command::Scripts& scripts() override { std::abort(); }
  command::Functions& functions() override { std::abort(); }
  command::Settings& settings() override { std::abort(); }
  command::Acl& acl() override { std::abort(); }
  command::Statistics& statistics() override { std::abort(); }
  command::Control& control() override { std::abort(); }
  command::SlowLog& slow_log() override { std::abort(); }
  command::Latency& latency() override { std::abort(); }
  [[nodiscard]] const command::Table& table() const override { return FakeTable(); }
};

}  // namespace

const command::Table& FakeTable() {
  static const std::array<std::span<const Command>, 1> families = {Commands()};
  static const command::Table table(families);
  return table;
}

void FakeScriptHost::Run(command::Client& as, const command::Table::Entry& entry,
                         std::span<const std::string_view> words, resp::ReplyWriter& reply) {
  last_words.assign(words.begin(), words.end());
  const std::string_view name = entry.command->name;
  if (name == "set") {
    values[std::string(words[1])] = words[2];
    reply.Ok();
  } else if (name == "get") {
    const auto found = values.find(words[1]);
    found == values.end() ? reply.Null() : reply.Bulk(found->second);
  } else if (name == "echo") {
    reply.Bulk(words[1]);
  } else if (name == "select") {
    as.database = static_cast<int>(words[1][0] - '0');
    reply.Ok();
  } else if (name == "raw") {
    reply.Raw(words[1]);
  } else if (name == "null") {
    reply.Null();
  } else if (name == "true") {
    reply.Boolean(true);
  } else {
    reply.Integer(0);
  }
}

std::string ScriptClient::Show(const std::function<Outcome(command::Context&)>& run) {
  storage::View view;
  storage::Transaction transaction(view, 1);
  storage::Keyspace keyspace(transaction, 0);
  NoServices services;
  command::Args args({});
  bytes_.clear();
  resp::ReplyWriter reply(bytes_, caller.protocol);
  command::Context context{Commands().front(), args, reply, keyspace, caller, services};
  const Outcome outcome = run(context);
  if (outcome.error() != nullptr) {
    reply.Truncate(0);
    reply.Error(outcome.error()->text());
  }
  const auto parsed = resp::ParseReply(bytes_);
  return parsed ? resp::FormatReply(*parsed) : "not one reply: " + resp::Quoted(bytes_);
}

std::string ScriptClient::Eval(std::string_view body, const Words& keys, const Words& arguments,
                               command::Scripts::Access access) {
  return Show(
      [&](command::Context& context) { return door.Evaluate(context, body, keys, arguments, access); });
}

std::string ScriptClient::EvalSha(std::string_view sha, const Words& keys, const Words& arguments) {
  return Show([&](command::Context& context) {
    return door.EvaluateKnown(context, sha, keys, arguments, command::Scripts::Access::kReadWrite);
  });
}

}  // namespace holdfast::server::engine
