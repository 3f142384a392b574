#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "resp/reply_writer.h"
#include "server/command/client.h"
#include "server/command/errors.h"
#include "server/command/table.h"

namespace holdfast::server::engine {

// What scripts ask of the engine around them; implemented by it (and by a fake in tests). Scripts find
// commands, count their words and know what a script may not do; the host runs a command that passed. All
// calls come on the engine's thread, between Begin and End, except the clock. Calls are noexcept in effect:
// an exception would have to pass through Lua's C frames.
//
//   command::Client& client = host.Begin(caller);
//   if (auto error = host.Refusal(*entry, words)) ...
//   host.Run(client, *entry, words, reply);      // as often as the script likes
//   host.OnSlow();                               // regularly, once the script is over its time
//   host.End();
class ScriptHost {
 public:
  enum class Severity { kDebug, kVerbose, kNotice, kWarning };

  virtual ~ScriptHost() = default;

  // A script begins on behalf of `caller`. Returns the client that its commands run as, owned by the host and
  // valid until End: the caller's id, user and database, RESP2, in_script set. The script changes its
  // database (SELECT) and its protocol (redis.setresp); neither reaches the caller. One script runs at a
  // time.
  [[nodiscard]] virtual command::Client& Begin(const command::Client& caller) = 0;
  virtual void End() = 0;

  // Why `entry` may not run now, because the log is broken; it counts as refused then. A full disk is no
  // reason: a script is judged as a whole, by what it has done (reserve.h).
  [[nodiscard]] virtual std::optional<command::CommandError> Refusal(
      const command::Table::Entry& entry, std::span<const std::string_view> words) = 0;
  // Why the caller's user may not run this; it stands in ACL LOG then.
  [[nodiscard]] virtual std::optional<command::CommandError> Denial(
      const command::Table::Entry& entry, std::span<const std::string_view> words) = 0;
  // The same as a question only.
  [[nodiscard]] virtual bool Allows(const command::Table::Entry& entry,
                                    std::span<const std::string_view> words) const = 0;

  // Runs one command as EXEC does: its reply or error is written to `reply`, a failed command's effects are
  // dropped, Wait becomes its at-once reply, the command is counted. `entry` was found for `words` (arity
  // checked), may run in scripts and was not refused. The views live until the call returns.
  virtual void Run(command::Client& client, const command::Table::Entry& entry,
                   std::span<const std::string_view> words, resp::ReplyWriter& reply) = 0;

  // A clock that never jumps back; only differences mean anything.
  [[nodiscard]] virtual absl::Duration Uptime() const = 0;
  // busy-reply-threshold; zero: scripts are never slow.
  [[nodiscard]] virtual absl::Duration BusyThreshold() const = 0;
  // The script is over its time: let the sockets be read (Process::PollSockets) without ending the turn. What
  // comes in is answered with BUSY, or is SCRIPT KILL, which calls command::Scripts::Kill from in here.
  // Returns whether the process is to stop: the script is given up, as if it had never run.
  [[nodiscard]] virtual bool OnSlow() = 0;
  // A line for the server's log, from redis.log.
  virtual void Log(Severity severity, std::string_view line) = 0;
};

}  // namespace holdfast::server::engine
