#pragma once

#include <vector>

#include "server/engine/session.h"

namespace holdfast::server::engine {

// The clients that MONITOR: each hears of every command that runs, as it leaves with the turn.
class Monitors {
 public:
  [[nodiscard]] bool empty() const { return sessions_.empty(); }
  // False if it did already.
  bool Add(Session& session);
  void Remove(Session& session);
  [[nodiscard]] const std::vector<Session*>& sessions() const { return sessions_; }

  // "+1339518083.107412 [0 127.0.0.1:60866] \"keys\" \"*\"\r\n"
  [[nodiscard]] static std::string Line(const Session& session, resp::Request words, absl::Time now);

 private:
  std::vector<Session*> sessions_;
};

}  // namespace holdfast::server::engine
