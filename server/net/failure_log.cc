#include "server/net/failure_log.h"

#include <chrono>
#include <utility>

namespace holdfast::server::net {
namespace {

constexpr std::chrono::seconds kQuiet(10);

}  // namespace

void FailureLog::Add(const std::string& line) {
  if (is_quiet_) {
    ++unsaid_;
    return;
  }
  process_.Log(engine::Process::Severity::kNotice, line);
  is_quiet_ = true;
  quiet_.expires_after(kQuiet);
  quiet_.async_wait([this](const boost::system::error_code& stopped) {
    if (stopped) return;
    is_quiet_ = false;
    const size_t unsaid = std::exchange(unsaid_, 0);
    if (unsaid > 0)
      Add("and " + std::to_string(unsaid) + " more TLS handshakes failed in the last 10 seconds");
  });
}

}  // namespace holdfast::server::net
