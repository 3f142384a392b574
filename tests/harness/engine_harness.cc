#include "tests/harness/engine_harness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "resp/inline_words.h"
#include "server/commands/families.h"

namespace holdfast::harness {

using server::engine::Engine;

EngineHarness::EngineHarness() : table_(server::commands::AllFamilies()) { Start(); }

EngineHarness::~EngineHarness() { clients_.clear(); }

void EngineHarness::Start() {
  engine_ = std::make_unique<Engine>(env_, table_, settings_, *this);
  auto store = std::make_unique<fakes::MemoryStore>(disk_, *engine_);
  store_ = store.get();
  engine_->Start(std::move(store));
}

TestClient& EngineHarness::client(std::string_view name) {
  const auto found = clients_.find(name);
  if (found != clients_.end()) return *found->second;
  auto client = std::make_unique<TestClient>();
  const int port = 50000 + static_cast<int>(clients_.size());
  client->id_ = engine_->Connect({.address = "127.0.0.1:" + std::to_string(port),
                                  .local_address = "127.0.0.1:6379",
                                  .socket = port - 49990},
                                 *client);
  return *clients_.emplace(std::string(name), std::move(client)).first->second;
}

void EngineHarness::Send(std::string_view name, const std::vector<std::string>& words) {
  client(name).pending_.push_back(words);
  Pump();
}

bool EngineHarness::PumpOne(TestClient& client) {
  if (client.pending_.empty() || client.held_ || client.closed_) return false;
  const std::vector<std::string> words = std::move(client.pending_.front());
  client.pending_.pop_front();
  const std::vector<std::string_view> views(words.begin(), words.end());
  client.held_ = engine_->Submit(client.id_, views) == Engine::Verdict::kHeld;
  return true;
}

void EngineHarness::Pump() {
  bool again = true;
  while (again) {
    again = false;
    for (const auto& [name, client] : clients_) again |= PumpOne(*client);
    if (!in_turn_) engine_->EndTurn();
  }
}

void EngineHarness::EndTurn() {
  in_turn_ = false;
  Pump();
}

std::string EngineHarness::Take(std::string_view name) {
  std::string shown;
  for (const resp::Reply& reply : client(name).Take()) {
    if (!shown.empty()) shown += '\n';
    shown += resp::FormatReply(reply);
  }
  return shown;
}

std::string EngineHarness::Run(std::string_view line) { return Run("main", line); }

std::string EngineHarness::Run(std::string_view name, std::string_view line) {
  resp::Words words;
  std::string unescaped;
  EXPECT_TRUE(resp::SplitInlineWords(line, words, unescaped)) << line;
  Send(name, {words.begin(), words.end()});
  return Take(name);
}

void EngineHarness::Disconnect(std::string_view name) {
  const auto found = clients_.find(name);
  ASSERT_NE(found, clients_.end()) << name;
  engine_->Disconnect(found->second->id_);
  clients_.erase(found);
  Pump();
}

void EngineHarness::Advance(absl::Duration duration) {
  const absl::Duration usual_step = std::max(absl::Milliseconds(100), duration / 50);
  while (duration > absl::ZeroDuration()) {
    const absl::Duration step = std::min(duration, usual_step);
    env_.Advance(step);
    duration -= step;
    engine_->Tick();
    Pump();
  }
}

void EngineHarness::Restart() {
  for (const auto& [name, client] : clients_) engine_->Disconnect(client->id_);
  clients_.clear();
  EXPECT_TRUE(engine_->Stop().ok());
  Start();
}

void EngineHarness::Crash() {
  engine_.reset();
  clients_.clear();
  Start();
}

}  // namespace holdfast::harness
