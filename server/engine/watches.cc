#include "server/engine/watches.h"

#include <algorithm>

namespace holdfast::server::engine {
namespace {

bool IsLive(std::string_view database_key, storage::Transaction& transaction) {
  const storage::Keyspace keyspace(transaction, database_key[0]);
  return keyspace.Find(database_key.substr(1)).has_value();
}

}  // namespace

void Watches::Add(Session& session, const storage::Keyspace& keyspace, std::string_view key) {
  std::string database_key = DatabaseKey(session.database, key);
  if (session.watched.contains(database_key)) return;
  const storage::Slot slot = keyspace.Look(key);
  watchers_[database_key].insert(&session);
  session.watched.emplace(std::move(database_key),
                          WatchedKey{.existed = slot.entry.has_value(),
                                     .stale = !slot.entry.has_value() && slot.stored.has_value()});
  session.watched_keys = session.watched.size();
}

void Watches::Clear(Session& session) {
  for (const auto& [key, watched] : session.watched) {
    const auto found = watchers_.find(key);
    found->second.erase(&session);
    if (found->second.empty()) watchers_.erase(found);
  }
  session.watched.clear();
  session.watched_keys = 0;
  session.watch_broken = false;
}

void Watches::Touch(const storage::Touch& touch, storage::Transaction& transaction) {
  if (watchers_.empty() || touch.only_wakes) return;
  if (touch.whole_database) return TouchDatabase(touch.database, transaction);
  const std::string key = DatabaseKey(touch.database, touch.key);
  const auto found = watchers_.find(key);
  if (found == watchers_.end()) return;
  for (Session* session : found->second) {
    WatchedKey& watched = session->watched.find(key)->second;
    if (watched.stale && !touch.type) {
      watched.stale = false;
    } else {
      session->watch_broken = true;
    }
  }
}

void Watches::TouchDatabase(int database, storage::Transaction& transaction) {
  for (const auto& [key, sessions] : watchers_) {
    if (key[0] != static_cast<char>(database)) continue;
    const bool exists = IsLive(key, transaction);
    for (Session* session : sessions)
      session->watch_broken |= exists || session->watched.find(key)->second.existed;
  }
}

bool Watches::Broken(const Session& session, storage::Transaction& transaction) const {
  if (session.watch_broken) return true;
  return std::any_of(session.watched.begin(), session.watched.end(), [&](const auto& entry) {
    return entry.second.existed && !IsLive(entry.first, transaction);
  });
}

void Watches::BreakAll() {
  for (const auto& [key, sessions] : watchers_) {
    for (Session* session : sessions) session->watch_broken = true;
  }
}

}  // namespace holdfast::server::engine
