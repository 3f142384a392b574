#include "server/engine/engine.h"

#include <utility>

#include "server/engine/core.h"

namespace holdfast::server::engine {

Engine::Engine(storage::Env& env, const command::Table& table, Settings& settings, Process& process)
    : core_(std::make_unique<Core>(env, table, settings, process)) {}
Engine::~Engine() = default;

absl::Status Engine::LoadUsers() { return core_->LoadUsers(); }
void Engine::Start(std::unique_ptr<storage::Store> store) { core_->Start(std::move(store)); }
absl::Status Engine::Stop() { return core_->Stop(); }

ClientId Engine::Connect(const Peer& peer, Connection& connection) {
  return core_->Connect(peer, connection);
}
void Engine::CountRejectedConnection() { core_->CountRejected(); }
void Engine::Disconnect(ClientId client) { core_->Disconnect(client); }
size_t Engine::client_count() const { return core_->state().sessions.size(); }
bool Engine::IsAuthenticated(ClientId client) const {
  const Session* session = core_->state().Find(client);
  return session != nullptr && (session->authenticated || !core_->state().users.needs_login());
}

bool Engine::needs_login() const { return core_->state().users.needs_login(); }

Engine::Verdict Engine::Submit(ClientId client, resp::Request words) { return core_->Submit(client, words); }
void Engine::Refuse(ClientId client, std::string_view text) { core_->Refuse(client, text); }

bool Engine::TurnIsFull() const { return core_->state().turn.full(); }
void Engine::EndTurn() { core_->EndTurn(); }
void Engine::Tick() { core_->Tick(); }
void Engine::SendDelayed() { core_->ReleaseDelayed(absl::InfiniteDuration()); }
absl::Duration Engine::TimeToNextTick() const { return core_->TimeToNextTick(); }

void Engine::OnDurable(uint64_t turn) { core_->OnDurable(turn); }
void Engine::OnSealed(const absl::Status& why) { core_->OnSealed(why); }
void Engine::OnTurnTakenBack(const absl::Status& why) { core_->OnTurnTakenBack(why); }

const storage::Store& Engine::store() const { return *core_->state().store; }
std::string Engine::Info(std::span<const std::string_view> sections) const {
  return core_->info().Info(sections);
}

}  // namespace holdfast::server::engine
