#include "server/server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "server/commands/families.h"
#include "server/engine/engine.h"
#include "server/net/listener.h"
#include "server/net/live_settings.h"
#include "server/net/loop.h"
#include "server/net/socket.h"
#include "server/notify.h"
#include "storage/store.h"

namespace holdfast::server {
namespace {

// Files that are open beside clients: the store, the log, sockets that listen.
constexpr uint64_t kOwnFiles = 64;

// The process, as the engine sees it.
class ServerProcess : public engine::Process {
 public:
  void set_loop(net::Loop* loop) { loop_ = loop; }

  void RequestShutdown() override { loop_->Stop(); }
  bool PollSockets() override {
    loop_->PollWithinTurn();
    return loop_->stopping();
  }
  void Log(Severity severity, const std::string& line) override {
    spdlog::log(severity == Severity::kWarning ? spdlog::level::warn : spdlog::level::info, "{}", line);
  }

 private:
  net::Loop* loop_ = nullptr;
};

storage::StoreOptions OptionsOf(const engine::Settings& settings) {
  storage::StoreOptions options;
  options.folder = settings.Text("dir");
  options.log_folder = settings.Text("log-dir");
  const std::string& durability = settings.Text("durability");
  options.durability = durability == "always"     ? storage::log::Durability::kAlways
                       : durability == "everysec" ? storage::log::Durability::kEverySec
                                                  : storage::log::Durability::kOff;
  options.map_bytes = static_cast<uint64_t>(settings.Integer("map-bytes"));
  options.memtable_bytes = static_cast<uint64_t>(settings.Integer("memtable-bytes"));
  options.checkpoint_interval = absl::Milliseconds(settings.Integer("checkpoint-interval-ms"));
  options.structure_check = absl::Milliseconds(settings.Integer("check-at-start-ms"));
  options.segment_bytes = static_cast<uint64_t>(settings.Integer("log-segment-bytes"));
  return options;
}

// As many clients as the system has file descriptors for, said loudly if that is less than was asked for.
void FitFileLimit(engine::Settings& settings) {
  const auto wanted = static_cast<uint64_t>(settings.Integer("maxclients"));
  const uint64_t limit = net::RaiseFileLimit(wanted + kOwnFiles);
  if (limit >= wanted + kOwnFiles) return;
  const uint64_t clients = limit > kOwnFiles ? limit - kOwnFiles : 1;
  spdlog::warn(
      "maxclients is {} instead of {}: the limit of open files is {}; raise it (ulimit -n, LimitNOFILE)",
      clients, wanted, limit);
  (void)settings.Configure("maxclients", std::to_string(clients));
}

// Certificates are renewed by whoever knows them and told by `systemctl reload`: SIGHUP.
void ReloadAtHangup(boost::asio::signal_set& hangup, net::Listener& listener) {
  hangup.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    spdlog::info("SIGHUP: reading the TLS certificates again");
    const absl::Status reloaded = listener.ReloadTls();
    if (!reloaded.ok()) spdlog::warn("TLS stays as it was: {}", std::string(reloaded.message()));
    ReloadAtHangup(hangup, listener);
  });
}

std::string PortsText(const engine::Settings& settings) {
  const std::string& tls_port = settings.Text("tls-port");
  return "port " + settings.Text("port") + (tls_port == "0" ? "" : ", TLS port " + tls_port);
}

absl::Status Finish(engine::Engine& engine) {
  NotifyServiceManager("STOPPING=1");
  spdlog::info("Stopping: finishing the turn and checkpointing");
  absl::Status stopped = engine.Stop();
  if (stopped.ok()) spdlog::info("Stopped; everything is on disk");
  return stopped;
}

}  // namespace

absl::Status Serve(engine::Settings& settings) {
  FitFileLimit(settings);
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context io(1);
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  boost::asio::signal_set hangup(io, SIGHUP);

  ServerProcess process;
  const command::Table table(commands::AllFamilies());
  engine::Engine engine(storage::PosixEnv(), table, settings, process);
  if (const absl::Status users = engine.LoadUsers(); !users.ok()) return users;
  spdlog::info("Opening the data folder {}", settings.Text("dir"));
  absl::StatusOr<std::unique_ptr<storage::Store>> store = storage::Store::Open(OptionsOf(settings), engine);
  if (!store.ok()) return store.status();
  spdlog::info("Replayed {} log records", (*store)->stats().replayed_records);
  engine.Start(std::move(*store));

  {
    net::Loop loop(io, engine, settings);
    process.set_loop(&loop);
    signals.async_wait([&loop](const boost::system::error_code& error, int) {
      if (!error) loop.Stop();
    });
    net::Listener listener(loop, engine, settings, process);
    const absl::Status listening = listener.Open();
    if (!listening.ok()) {
      (void)engine.Stop();
      return listening;
    }
    net::FollowSettings(settings, listener, process);
    ReloadAtHangup(hangup, listener);
    spdlog::info("Ready to accept connections on {}", PortsText(settings));
    NotifyServiceManager("READY=1");
    loop.Run();
  }
  return Finish(engine);
}

}  // namespace holdfast::server
