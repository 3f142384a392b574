#pragma once

#include "absl/time/time.h"
#include "resp/reply_writer.h"
#include "server/command/args.h"
#include "server/command/command.h"
#include "storage/keyspace.h"
#include "storage/transaction.h"

namespace holdfast::server::command {

struct Client;
class Services;

// The doors of one execution, and nothing global. Lives on the engine's stack for the length of one handler
// call.
//
//   Outcome LLen(Context& context) {
//     std::string_view key = context.args.Bytes();
//     if (auto error = context.args.Finish()) return *error;
//     storage::List list(context.keyspace, key);
//     if (list.wrong_type()) return kWrongType;
//     context.reply.Integer(static_cast<int64_t>(list.size()));
//     return Done{};
//   }
struct Context {
  const Command& command;
  Args& args;
  resp::ReplyWriter& reply;
  storage::Keyspace& keyspace;  // the client's database
  Client& client;
  Services& services;

  [[nodiscard]] storage::Transaction& transaction() const { return keyspace.transaction(); }
  // The clock of this command: the same for its whole run, and for a whole script or EXEC.
  [[nodiscard]] absl::Time now() const { return keyspace.transaction().now(); }
};

}  // namespace holdfast::server::command
