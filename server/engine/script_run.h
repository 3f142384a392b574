#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "resp/reply.h"
#include "server/command/client.h"
#include "server/command/services.h"
#include "server/command/table.h"
#include "server/engine/script_flags.h"
#include "server/engine/script_host.h"
#include "server/engine/script_kind.h"

namespace holdfast::server::engine {

// What is run. The views must outlive the run.
struct ScriptSubject {
  ScriptKind kind = ScriptKind::kScript;
  std::string_view name;  // the script's SHA-1 in 40 hexadecimal digits, or the function's name
  ScriptFlags flags;
  // Above zero: it has to end by then, with an error (a library being loaded).
  absl::Duration limit = absl::ZeroDuration();
};

// One execution of a script or a function, or a library's: as whom its commands run, what they may do, and
// what became of it. Lives from the host's Begin to its End.
class ScriptRun {
 public:
  ScriptRun(ScriptHost& host, const command::Table& table, const command::Client& caller,
            const ScriptSubject& subject, command::Scripts::Access access);
  ~ScriptRun();
  ScriptRun(const ScriptRun&) = delete;
  ScriptRun& operator=(const ScriptRun&) = delete;

  // redis.call: runs the command `words` and leaves its reply, perhaps an error, in `reply`. A command that a
  // script may not run answers with the error.
  void Call() noexcept;
  // Regularly, while the script runs. True if it has to end because somebody asked for it.
  [[nodiscard]] bool Interrupted() noexcept;
  // SCRIPT KILL, FUNCTION KILL: the next Interrupted says so.
  void Kill() { killed_ = true; }
  // The error that a run ends with once Interrupted has said so, for as long as the program runs.
  [[nodiscard]] const char* EndText() const;

  [[nodiscard]] ScriptHost& host() const { return host_; }
  [[nodiscard]] const command::Table& table() const { return table_; }
  [[nodiscard]] command::Client& client() const { return client_; }
  [[nodiscard]] ScriptKind kind() const { return subject_.kind; }
  [[nodiscard]] std::string_view name() const { return subject_.name; }
  // Since its begin.
  [[nodiscard]] absl::Duration time() const { return host_.Uptime() - begin_; }
  [[nodiscard]] bool killed() const { return killed_; }
  // It was killed because the process stops: what it did must not stay.
  [[nodiscard]] bool abandoned() const { return abandoned_; }
  // A command that may change data has run: the script cannot be killed any more.
  [[nodiscard]] bool has_written() const { return has_written_; }

  // Arguments and result of Call. Here and not on the C stack, because Lua's errors skip destructors.
  std::vector<std::string_view> words;
  resp::Reply reply;
  // Scratch of other functions of the API.
  std::string text;

 private:
  // Finds the command and writes why it may not run; null if so.
  const command::Table::Entry* Admit(resp::ReplyWriter& out);
  void WarnOfSlowness(absl::Duration elapsed);
  [[nodiscard]] std::optional<command::CommandError> Objection(const command::Table::Entry& entry) const;

  ScriptHost& host_;
  const command::Table& table_;
  command::Client& client_;
  const ScriptSubject subject_;
  const bool read_only_;
  const absl::Duration begin_;
  bool slow_ = false;
  bool killed_ = false;
  bool abandoned_ = false;
  bool has_written_ = false;
  std::string bytes_;
};

}  // namespace holdfast::server::engine
