#pragma once

#include <optional>

#include "resp/reply_writer.h"
#include "resp/request.h"
#include "server/command/services.h"
#include "server/command/table.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

// Runs one command's handler with everything that goes with it, whoever asked: a client, EXEC, a script, or a
// key that a blocked client waited for. A failed handler's effects and reply are dropped, its error takes
// their place; effects are annotated; calls and errors are counted.
class Runner {
 public:
  Runner(State& state, command::Services& services) : state_(state), services_(services) {}

  // Needs a running turn. Returns the Wait of a command that found nothing (and wrote nothing); its views
  // point into `words`.
  [[nodiscard]] std::optional<command::Wait> Run(Session& session, const command::Table::Entry& entry,
                                                 resp::Request words, resp::ReplyWriter& reply);

  // In MULTI and in scripts nobody waits: what would block answers at once.
  void RunNested(Session& session, const command::Table::Entry& entry, resp::Request words,
                 resp::ReplyWriter& reply);

  static void WriteTimeout(command::Wait::Reply on_timeout, resp::ReplyWriter& reply);

 private:
  // Why the command's effects may not stay, though its handler was content.
  [[nodiscard]] std::optional<command::CommandError> Objection(Session& session,
                                                               const command::Table::Entry& entry,
                                                               resp::Request words,
                                                               const storage::Transaction::Mark& mark);
  // What a blocking command waits for, as if all its keys were absent.
  [[nodiscard]] std::optional<command::Wait> WaitOf(Session& session, const command::Table::Entry& entry,
                                                    resp::Request words);
  [[nodiscard]] std::optional<command::CommandError> Judge(Session& session,
                                                           const command::Table::Entry& entry);
  // What the command itself, not those inside it, has made the data grow by.
  void NoteGrowth(const command::Table::Entry& entry, resp::Request words, int64_t growth);
  [[nodiscard]] static bool IsBookkeeping(const command::Table::Entry& entry, resp::Request words,
                                          int64_t growth);
  [[nodiscard]] bool WouldExceed() const;
  // An EXEC or a script may be taken back, at any disk level: nobody may have heard of it.
  [[nodiscard]] bool HoldsMessages(const command::Table::Entry& entry) const;
  void TellMonitors(const Session& session, const command::Table::Entry& entry, resp::Request words);
  void NoteTime(const Session& session, const command::Table::Entry& entry, resp::Request words,
                absl::Duration took);
  void Annotate(const Session& session, const command::Table::Entry& entry,
                const storage::Transaction::Mark& mark);

  State& state_;
  command::Services& services_;
  int depth_ = 0;
  // Of the outermost command that runs: what it all comes to.
  Reserve::Unit unit_;
  Reserve::Charge charge_;
  bool lacks_log_space_ = false;
  std::string_view grower_;  // the first command of the unit that may grow data
};

}  // namespace holdfast::server::engine
