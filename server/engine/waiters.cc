#include "server/engine/waiters.h"

#include <iterator>

namespace holdfast::server::engine {

void Waiters::Add(Session& session, const command::Table::Entry& entry, resp::Request words,
                  const command::Wait& wait) {
  auto waiter = std::make_unique<Waiter>();
  waiter->ticket = next_ticket_++;
  waiter->entry = &entry;
  const std::vector<std::string_view> changed(wait.request.begin(), wait.request.end());
  waiter->request = StoredRequest(changed.empty() ? words : resp::Request(changed));
  waiter->type = wait.type;
  waiter->deadline = wait.deadline;
  waiter->on_timeout = wait.on_timeout;
  waiter->when_gone = wait.when_gone;
  for (const std::string_view key : wait.keys) {
    waiter->keys.push_back(DatabaseKey(session.database, key));
    lines_[waiter->keys.back()].emplace(waiter->ticket, &session);
  }
  by_deadline_.emplace(std::pair(waiter->deadline, waiter->ticket), &session);
  session.waiter = std::move(waiter);
  session.blocked = true;
}

void Waiters::Remove(Session& session) {
  if (session.waiter == nullptr) return;
  const Waiter& waiter = *session.waiter;
  for (const std::string& key : waiter.keys) {
    const auto line = lines_.find(key);
    if (line == lines_.end()) continue;
    line->second.erase(waiter.ticket);
    if (line->second.empty()) lines_.erase(line);
  }
  by_deadline_.erase({waiter.deadline, waiter.ticket});
  session.waiter = nullptr;
  session.blocked = false;
}

void Waiters::Touch(const storage::Touch& touch) {
  if (lines_.empty()) return;
  std::string key = DatabaseKey(touch.database, touch.key);
  if (lines_.contains(key)) MarkReady(std::move(key));
}

void Waiters::MarkReady(std::string key) {
  // A command of many elements touches its key many times.
  if (ready_.size() > next_ready_ && ready_.back() == key) return;
  ready_.push_back(std::move(key));
}

std::optional<std::string> Waiters::TakeReady() {
  if (next_ready_ == ready_.size()) {
    ready_.clear();
    next_ready_ = 0;
    return std::nullopt;
  }
  return std::move(ready_[next_ready_++]);
}

Session* Waiters::NextInLine(std::string_view key, std::optional<storage::ValueType> holds,
                             uint64_t ticket) const {
  const auto line = lines_.find(key);
  if (line == lines_.end()) return nullptr;
  for (auto next = line->second.upper_bound(ticket); next != line->second.end(); ++next) {
    if (next->second->waiter->Wants(holds)) return next->second;
  }
  return nullptr;
}

std::vector<std::string> Waiters::KeysOf(int database) const {
  std::vector<std::string> keys;
  for (const auto& [key, line] : lines_) {
    if (key[0] == static_cast<char>(database)) keys.push_back(key);
  }
  return keys;
}

absl::Time Waiters::next_deadline() const {
  return by_deadline_.empty() ? absl::InfiniteFuture() : by_deadline_.begin()->first.first;
}

size_t Waiters::timed() const {
  const auto forever = by_deadline_.lower_bound({absl::InfiniteFuture(), 0});
  return static_cast<size_t>(std::distance(by_deadline_.begin(), forever));
}

Session* Waiters::Expired(absl::Time now) const {
  if (by_deadline_.empty()) return nullptr;
  const auto& [deadline, session] = *by_deadline_.begin();
  return deadline.first <= now ? session : nullptr;
}

}  // namespace holdfast::server::engine
