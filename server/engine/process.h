#pragma once

#include <string>

namespace holdfast::server::engine {

// What the engine asks of the process around it. Called on the engine's thread.
class Process {
 public:
  enum class Severity { kNotice, kWarning };

  virtual ~Process() = default;
  // SHUTDOWN: leave the loop soon, end the turn, call Engine::Stop, exit with 0.
  virtual void RequestShutdown() = 0;
  // A script is over its time: read sockets once, without waiting, and submit what came (it is answered with
  // BUSY, or is SCRIPT KILL). Must not end the turn. Returns whether the process is to stop, by SHUTDOWN or a
  // signal: the script is given up then.
  [[nodiscard]] virtual bool PollSockets() = 0;
  // A line for the server's log.
  virtual void Log(Severity severity, const std::string& line) = 0;
};

}  // namespace holdfast::server::engine
