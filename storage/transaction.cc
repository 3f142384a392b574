#include "storage/transaction.h"

#include <algorithm>
#include <utility>

#include "storage/codec.h"
#include "storage/hand_over_book.h"

namespace holdfast::storage {
namespace {

// More elements than these taken out by one command (ZREMRANGEBYRANK of a million) are no loans.
constexpr size_t kMostTaken = 1 << 16;

// Bounds of what they take in a log record: bytes, and varints of at most ten bytes.
constexpr uint64_t kMostHeadBytes = 64 + 64 * Transaction::kMaxDatabases;

uint64_t MostBytes(const Effect& effect) { return 21 + effect.key.size() + effect.value.size(); }
uint64_t MostBytes(const Annotation& annotation) {
  return 50 + annotation.command.size() + annotation.key.size();
}

std::string DatabaseKey(size_t number) {
  std::string key(1, static_cast<char>(Table::kDatabase));
  key.push_back(static_cast<char>(number));
  return key;
}

std::string EncodeDatabase(const Database& database) {
  std::string stored;
  AppendU32(stored, database.id);
  AppendVarint(stored, database.keys);
  AppendVarint(stored, database.expiring_keys);
  return stored;
}

Database DecodeDatabase(std::string_view stored) {
  Database database;
  if (stored.size() < sizeof(uint32_t)) return database;
  database.id = ReadU32(stored);
  stored.remove_prefix(sizeof(uint32_t));
  database.keys = TakeVarint(stored).value_or(0);
  database.expiring_keys = TakeVarint(stored).value_or(0);
  return database;
}

}  // namespace

std::string_view Transaction::Put(std::string_view key, std::string_view value) {
  const Memtable::Change& change = changes_.emplace_back(view_.Put(key, value, Memtable::Kind::kPut));
  NoteEffect({EffectKind::kPut, change.key, change.value});
  return change.value;
}

std::string_view Transaction::Insert(std::string_view key, std::string_view value) {
  const Memtable::Change& change = changes_.emplace_back(view_.Put(key, value, Memtable::Kind::kInsert));
  NoteEffect({EffectKind::kPut, change.key, change.value});
  return change.value;
}

void Transaction::Delete(std::string_view key) {
  const Memtable::Change& change = changes_.emplace_back(view_.Delete(key));
  NoteEffect({EffectKind::kDelete, change.key, {}});
}

void Transaction::NoteEffect(const Effect& effect) {
  batch_bytes_ += MostBytes(effect);
  batch_.effects.push_back(effect);
}

void Transaction::Annotate(const Annotation& annotation) {
  batch_bytes_ += MostBytes(annotation);
  batch_.annotations.push_back(annotation);
}

uint64_t Transaction::pending_bytes() const { return kMostHeadBytes + batch_bytes_; }

Transaction::Mark Transaction::mark() const {
  return {changes_.size(), database_undos_.size(), touches_.size(),      batch_.annotations.size(),
          events_.size(),  movements_.size(),      growing_keys_.size(), resizes_.size(),
          growth_,         handed_out_.size(),     rooms_made_.size()};
}

void Transaction::RollbackTo(const Mark& mark) {
  while (changes_.size() > mark.changes) {
    view_.Restore(changes_.back());
    changes_.pop_back();
  }
  while (database_undos_.size() > mark.database_undos) {
    const auto& [number, before] = database_undos_.back();
    databases_[static_cast<size_t>(number)] = before;
    database_undos_.pop_back();
  }
  while (batch_.effects.size() > mark.changes) {
    batch_bytes_ -= MostBytes(batch_.effects.back());
    batch_.effects.pop_back();
  }
  while (batch_.annotations.size() > mark.annotations) {
    batch_bytes_ -= MostBytes(batch_.annotations.back());
    batch_.annotations.pop_back();
  }
  touches_.resize(std::min(mark.touches, touches_.size()));
  events_.resize(std::min(mark.events, events_.size()));
  movements_.resize(std::min(mark.movements, movements_.size()));
  growing_keys_.resize(std::min(mark.growing_keys, growing_keys_.size()));
  resizes_.resize(std::min(mark.resizes, resizes_.size()));
  growth_ = mark.growth;
  handed_out_.resize(std::min(mark.handed_out, handed_out_.size()));
  while (rooms_made_.size() > mark.rooms_made) {
    hand_over_book_->GiveRoomBack(rooms_made_.back());
    rooms_made_.pop_back();
  }
}

void Transaction::MakeRoom(const HandedOut::Place& place) {
  if (hand_over_book_ != nullptr) hand_over_book_->MakeRoom(*this, place);
}

void Transaction::MakeRoom(uint64_t collection) {
  if (hand_over_book_ != nullptr) hand_over_book_->MakeRoom(*this, collection);
}

void Transaction::SetDatabase(int number, const Database& database) {
  Database& current = databases_[static_cast<size_t>(number)];
  database_undos_.emplace_back(number, std::exchange(current, database));
}

uint32_t Transaction::NextDatabaseId() const {
  uint32_t highest = 0;
  for (const Database& database : databases_) highest = std::max(highest, database.id);
  return highest + 1;
}

void Transaction::NoteTaken(std::string_view element) {
  if (jobs_ == nullptr || movements_.size() >= kMostTaken) return;
  movements_.push_back({.job = jobs_->Of(element), .bytes = element.size() + kElementBytes});
}

void Transaction::NoteValue(std::string_view value) {
  if (jobs_ == nullptr || !examines_given_) return;
  if (const auto job = jobs_->OfNamed(value)) {
    movements_.push_back({.way = Movement::Way::kNoted, .job = *job, .bytes = value.size()});
  }
}

void Transaction::NoteGiven(int database, std::string_view key, std::string_view element) {
  if (jobs_ == nullptr || (!examines_given_ && movements_.size() >= kMostTaken)) return;
  Movement movement{
      .way = Movement::Way::kGiven, .job = jobs_->Of(element), .bytes = element.size() + kElementBytes};
  if (examines_given_) {
    movement.is_return = jobs_->IsReturn(element);
    const bool known = !growing_keys_.empty() && growing_keys_.back().database == database &&
                       growing_keys_.back().key == key;
    if (!known) growing_keys_.push_back({database, std::string(key)});
    movement.key = static_cast<uint32_t>(growing_keys_.size() - 1);
  }
  movements_.push_back(movement);
}

void Transaction::ClearMovements() {
  movements_.clear();
  growing_keys_.clear();
  resizes_.clear();
}

uint64_t Transaction::Hash(std::string_view bytes) const { return KeyedHash(hash_seed_, bytes); }

void Transaction::TakeEpoch(uint64_t epoch) { ids_ = (epoch << kEpochShift) + 1; }

void Transaction::Open(uint64_t epoch) {
  TakeEpoch(epoch);
  random_.seed(hash_seed_ ^ epoch);
  for (size_t number = 0; number < size_t{kMaxDatabases}; ++number) {
    databases_[number] = DecodeDatabase(view_.Get(DatabaseKey(number)).value_or(std::string_view()));
  }
  written_databases_ = databases_;
}

Batch& Transaction::Seal() {
  for (size_t number = 0; number < databases_.size(); ++number) {
    if (databases_[number] != written_databases_[number]) {
      Put(DatabaseKey(number), EncodeDatabase(databases_[number]));
    }
  }
  DropOverwritten();
  return batch_;
}

void Transaction::DropOverwritten() {
  last_effects_.clear();
  auto kept = batch_.effects.end();
  for (auto effect = kept; effect != batch_.effects.begin();) {
    --effect;
    // The memtable holds each key's bytes once, so that the same key has the same address.
    const auto [later, first] = last_effects_.try_emplace(effect->key.data(), effect->kind);
    if (!first && later->second == EffectKind::kPut) continue;
    later->second = effect->kind;
    *--kept = *effect;
  }
  batch_.effects.erase(batch_.effects.begin(), kept);
}

void Transaction::Clear() {
  written_databases_ = databases_;
  changes_.clear();
  database_undos_.clear();
  touches_.clear();
  events_.clear();
  handed_out_.clear();
  rooms_made_.clear();
  batch_.clear();
  batch_bytes_ = 0;
}

void Transaction::RollbackTurn() {
  RollbackTo(Mark{});
  Clear();
}

}  // namespace holdfast::storage
