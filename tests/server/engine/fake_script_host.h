#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply.h"
#include "resp/reply_parser.h"
#include "server/command/args.h"
#include "server/command/context.h"
#include "server/command/table.h"
#include "server/engine/script_door.h"
#include "server/engine/script_host.h"

namespace holdfast::server::engine {

// A host with a handful of commands of its own and a clock that every look moves on.
class FakeScriptHost : public ScriptHost {
 public:
  command::Client& Begin(const command::Client& caller) override {
    ++begun;
    client = command::Client();
    client.id = caller.id;
    client.database = caller.database;
    client.in_script = true;
    return client;
  }
  void End() override { ++ended; }

  [[nodiscard]] std::optional<command::CommandError> Refusal(const command::Table::Entry& entry,
                                                             std::span<const std::string_view>) override {
    if (sealed && entry.has(command::kWrite)) return command::CommandError("MISCONF sealed");
    return std::nullopt;
  }
  [[nodiscard]] std::optional<command::CommandError> Denial(
      const command::Table::Entry& entry, std::span<const std::string_view> words) override {
    if (Allows(entry, words)) return std::nullopt;
    return command::CommandError("ERR denied");
  }
  [[nodiscard]] bool Allows(const command::Table::Entry& entry,
                            std::span<const std::string_view>) const override {
    return entry.command->name != denied;
  }

  void Run(command::Client& as, const command::Table::Entry& entry, std::span<const std::string_view> words,
           resp::ReplyWriter& reply) override;

  [[nodiscard]] absl::Duration Uptime() const override { return clock += tick; }
  [[nodiscard]] absl::Duration BusyThreshold() const override { return threshold; }
  [[nodiscard]] bool OnSlow() override {
    ++slow_calls;
    if (on_slow) on_slow();
    return stopping;
  }
  void Log(Severity severity, std::string_view line) override {
    log.push_back(std::to_string(static_cast<int>(severity)) + " " + std::string(line));
  }

  command::Client client;
  std::map<std::string, std::string, std::less<>> values;
  std::string denied;  // a command that the caller's user may not run
  bool sealed = false;
  bool stopping = false;
  mutable absl::Duration clock;
  absl::Duration tick = absl::Milliseconds(1);
  absl::Duration threshold = absl::Seconds(5);
  std::function<void()> on_slow;
  int begun = 0;
  int ended = 0;
  int slow_calls = 0;
  std::vector<std::string> log;
  std::vector<std::string> last_words;
};

// The commands of the fake host.
[[nodiscard]] const command::Table& FakeTable();

// A client that sends scripts to a ScriptDoor over a fake host.
class ScriptClient {
 public:
  using Words = std::vector<std::string_view>;

  explicit ScriptClient(size_t max_heap_bytes = Interpreter::kMaxHeapBytes) : door(runner, max_heap_bytes) {}

  // The reply as redis-cli shows it.
  std::string Eval(std::string_view body, const Words& keys = {}, const Words& arguments = {},
                   command::Scripts::Access access = command::Scripts::Access::kReadWrite);
  std::string EvalSha(std::string_view sha, const Words& keys = {}, const Words& arguments = {});
  std::string EvalReadOnly(std::string_view body) {
    return Eval(body, {}, {}, command::Scripts::Access::kReadOnly);
  }
  // The bytes of the reply to the last script.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  FakeScriptHost host;
  ScriptRunner runner{host, FakeTable()};
  ScriptDoor door;
  command::Client caller;

 private:
  std::string Show(const std::function<command::Outcome(command::Context&)>& run);

  std::string bytes_;
};

}  // namespace holdfast::server::engine
