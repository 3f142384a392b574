#include "server/engine/monitors.h"

#include <algorithm>

#include "server/command/words.h"
#include "server/engine/quoted.h"
#include "server/engine/secrets.h"

namespace holdfast::server::engine {
namespace {

std::string Sender(const Session& session) {
  if (session.in_script) return "lua";
  return session.unix_socket ? "unix:" + session.address : session.address;
}

}  // namespace

bool Monitors::Add(Session& session) {
  if (session.monitoring) return false;
  session.monitoring = true;
  sessions_.push_back(&session);
  return true;
}

void Monitors::Remove(Session& session) {
  if (!session.monitoring) return;
  session.monitoring = false;
  std::erase(sessions_, &session);
}

std::string Monitors::Line(const Session& session, resp::Request words, absl::Time now) {
  const int64_t microseconds = absl::ToUnixMicros(now);
  std::array<char, 48> time;
  std::snprintf(time.data(), time.size(), "+%lld.%06lld [%d ", static_cast<long long>(microseconds / 1000000),
                static_cast<long long>(microseconds % 1000000), session.database);
  std::string line = command::Concat({time.data(), Sender(session), "]"});
  for (const std::string_view word : WithoutSecrets(words)) line.append(1, ' ').append(Quoted(word));
  line += "\r\n";
  return line;
}

}  // namespace holdfast::server::engine
