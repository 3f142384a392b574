#include "storage/hand_over_book.h"

#include <algorithm>
#include <utility>

#include "storage/codec.h"
#include "storage/transaction.h"

namespace holdfast::storage {
namespace {

// Of an effect in the log: its head, a key of table U or L, lengths.
constexpr uint64_t kEffectBytes = 64;
// Of an element in a turn's entry, beside its key and its bytes.
constexpr uint64_t kItemBytes = 48;

std::string TurnKey(uint64_t number) {
  std::string key(1, static_cast<char>(Table::kHandedOut));
  AppendU64(key, number);
  return key;
}

uint64_t StoredBytes(const HandedOut& element) {
  return kItemBytes + element.key.size() + (element.bytes ? element.bytes->size() : 0);
}

}  // namespace

void HandOverBook::Load(Transaction& transaction) {
  std::vector<HandedOut::Id> confirmed = std::exchange(just_written_, {});
  confirmed.insert(confirmed.end(), confirmed_.begin(), confirmed_.end());
  // The numbers of turns that were taken back are not given out again: somebody may still name them.
  const uint64_t next_turn = next_turn_ + 1;
  *this = HandOverBook();
  next_turn_ = next_turn;
  const std::string prefix(1, static_cast<char>(Table::kHandedOut));
  const auto cursor = transaction.NewCursor();
  for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const std::string key(cursor->key());
    if (key.size() != prefix.size() + sizeof(uint64_t)) continue;
    const uint64_t number = ReadU64(std::string_view(key).substr(prefix.size()));
    next_turn_ = std::max(next_turn_, number + 1);
    turns_[number].stored = true;
    for (HandedOut& element : DecodeHandedOut(number, transaction.Keep(key, cursor->value()))) {
      // It is the element's absence that tells of its confirmation.
      if (element.bytes || transaction.Get(ElementKeyOf(element.place))) Insert(std::move(element));
    }
    // So that it names nothing that is gone.
    SetDirty(number);
  }
  for (const HandedOut::Id& id : confirmed) Confirm(id);
}

HandOverBook::Item* HandOverBook::Look(const HandedOut::Id& id) {
  const auto turn = turns_.find(id.turn);
  if (turn == turns_.end() || id.ordinal >= turn->second.items.size()) return nullptr;
  Item& item = turn->second.items[id.ordinal];
  return item.state == State::kGone ? nullptr : &item;
}

const HandedOut* HandOverBook::Find(const HandedOut::Id& id) const {
  const auto turn = turns_.find(id.turn);
  if (turn == turns_.end() || id.ordinal >= turn->second.items.size()) return nullptr;
  const Item& item = turn->second.items[id.ordinal];
  return item.state == State::kOut ? &item.element : nullptr;
}

std::vector<HandedOut::Id> HandOverBook::All() const {
  std::vector<HandedOut::Id> all;
  for (const auto& [number, turn] : turns_) {
    for (const Item& item : turn.items) {
      if (item.state == State::kOut) all.push_back(item.element.id);
    }
  }
  std::reverse(all.begin(), all.end());
  return all;
}

void HandOverBook::Insert(HandedOut element) {
  if (!element.bytes) places_[element.place] = element.id;
  Turn& turn = turns_[element.id.turn];
  const uint64_t ordinal = element.id.ordinal;
  // Where an entry was written anew, those before were gone.
  if (turn.items.size() <= ordinal)
    turn.items.resize(ordinal + 1, Item{.element = {}, .state = State::kGone});
  turn.items[ordinal] = Item{.element = std::move(element)};
  ++turn.left;
  ++outstanding_;
}

void HandOverBook::SetDirty(uint64_t number) {
  if (!dirty_.insert(number).second) return;
  unwritten_bytes_ += kEffectBytes;
  for (const Item& item : turns_[number].items) {
    if (item.state != State::kGone) unwritten_bytes_ += StoredBytes(item.element);
  }
}

void HandOverBook::Add(std::span<HandedOut> elements) {
  if (elements.empty()) return;
  if (!std::exchange(turn_is_open_, true)) SetDirty(next_turn_);
  Turn& turn = turns_[next_turn_];
  for (HandedOut& element : elements) {
    element.id = {next_turn_, turn.items.size()};
    unwritten_bytes_ += StoredBytes(element);
    Insert(element);
  }
}

void HandOverBook::Confirm(const HandedOut::Id& id) {
  Item* item = Look(id);
  if (item == nullptr || std::exchange(item->state, State::kConfirmed) == State::kConfirmed) return;
  --outstanding_;
  confirmed_.push_back(id);
  unwritten_bytes_ += 2 * kEffectBytes;  // the element, and its turn's entry
  if (item->element.bytes) SetDirty(id.turn);
}

void HandOverBook::MakeRoom(Transaction& transaction, const HandedOut::Place& place) {
  const auto found = places_.find(place);
  if (found == places_.end()) return;
  const HandedOut::Id id = found->second;
  // Another element will stand there: the entry must not name it.
  SetDirty(id.turn);
  places_.erase(found);
  Item* item = Look(id);
  if (item == nullptr) return;
  const std::string key = ElementKeyOf(place);
  item->element.bytes = std::string(transaction.Get(key).value_or(std::string_view()));
  unwritten_bytes_ += item->element.bytes->size();
  transaction.Delete(key);
  transaction.NoteRoomMade(id);
}

void HandOverBook::MakeRoom(Transaction& transaction, uint64_t collection) {
  std::vector<HandedOut::Place> places;
  for (auto at = places_.lower_bound({collection, 0});
       at != places_.end() && at->first.collection == collection; ++at) {
    places.push_back(at->first);
  }
  for (const HandedOut::Place& place : places) MakeRoom(transaction, place);
}

void HandOverBook::GiveRoomBack(const HandedOut::Id& id) {
  Item* item = Look(id);
  if (item == nullptr) return;
  item->element.bytes = std::nullopt;
  places_[item->element.place] = id;
}

void HandOverBook::Write(Transaction& transaction) {
  just_written_ = std::exchange(confirmed_, {});
  for (const HandedOut::Id& id : just_written_) WriteOff(transaction, id);
  for (const uint64_t number : std::exchange(dirty_, {})) WriteTurn(transaction, number);
  if (std::exchange(turn_is_open_, false)) ++next_turn_;
  unwritten_bytes_ = 0;
}

uint64_t HandOverBook::MostBytes(const Transaction& transaction) {
  uint64_t bytes = transaction.handed_out().empty() ? 0 : kEffectBytes;
  for (const HandedOut& element : transaction.handed_out()) bytes += StoredBytes(element);
  return bytes;
}

void HandOverBook::WriteOff(Transaction& transaction, const HandedOut::Id& id) {
  Item* item = Look(id);
  if (item == nullptr) return;
  Turn& turn = turns_[id.turn];
  item->state = State::kGone;
  if (!item->element.bytes) {
    transaction.Delete(ElementKeyOf(item->element.place));
    turn.gone.push_back(item->element.place);
  }
  if (--turn.left == 0) dirty_.insert(id.turn);
}

void HandOverBook::WriteTurn(Transaction& transaction, uint64_t number) {
  Turn& turn = turns_[number];
  for (const HandedOut::Place& place : std::exchange(turn.gone, {})) {
    const auto at = places_.find(place);
    if (at != places_.end() && at->second.turn == number) places_.erase(at);
  }
  if (turn.left == 0) {
    if (turn.stored) transaction.Delete(TurnKey(number));
    turns_.erase(number);
    return;
  }
  std::vector<const HandedOut*> elements;
  for (const Item& item : turn.items) {
    if (item.state != State::kGone) elements.push_back(&item.element);
  }
  transaction.Put(TurnKey(number), EncodeHandedOut(elements));
  turn.stored = true;
}

}  // namespace holdfast::storage
