#include "server/net/live_settings.h"

#include <string>

#include "absl/status/status.h"

namespace holdfast::server::net {
namespace {

constexpr const char* kNoTls = "Unable to update TLS configuration. Check server logs.";
constexpr const char* kNoPort = "Unable to listen on this port. Check server logs.";
constexpr const char* kNoAddresses = "Failed to bind to specified addresses.";

// `refusal` if it has failed, which is logged.
std::string Told(const absl::Status& applied, const char* refusal, engine::Process& process) {
  if (applied.ok()) return {};
  process.Log(engine::Process::Severity::kWarning,
              "CONFIG SET is refused: " + std::string(applied.message()));
  return refusal;
}

}  // namespace

void FollowSettings(engine::Settings& settings, Listener& listener, engine::Process& process) {
  settings.SetApplier("tls-", [&] { return Told(listener.ReloadTls(), kNoTls, process); });
  settings.SetApplier("tls-port", [&] {
    std::string refusal = Told(listener.ReloadTls(), kNoTls, process);
    if (refusal.empty()) refusal = Told(listener.ApplyTlsPort(), kNoPort, process);
    return refusal;
  });
  settings.SetApplier("port", [&] { return Told(listener.ApplyPort(), kNoPort, process); });
  settings.SetApplier("bind", [&] { return Told(listener.ApplyBind(), kNoAddresses, process); });
}

}  // namespace holdfast::server::net
