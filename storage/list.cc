#include "storage/list.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/codec.h"
#include "storage/hand_over_book.h"

namespace holdfast::storage {
namespace {

constexpr size_t kPositionOffset = 1 + sizeof(uint64_t);

uint64_t Magnitude(int64_t value) {
  return value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

}  // namespace

List::ElementKey List::KeyOf(uint64_t position) const {
  ElementKey key;
  key[0] = static_cast<char>(Table::kList);
  StoreU64(&key[1], slot_.entry->id);
  StoreU64(&key[kPositionOffset], position);
  return key;
}

uint64_t List::EndPosition(End end) const {
  return end == End::kFront ? slot_.entry->tail : slot_.entry->head;
}

void List::Push(End end, std::span<const std::string_view> elements) {
  for (const std::string_view element : elements) {
    const uint64_t position = Extend(end);
    transaction().Insert(View(KeyOf(position)), element);
    slot_.entry->bytes += element.size();
    transaction().NoteGiven(keyspace_.database(), slot_.key, element);
  }
  Save();
}

uint64_t List::Extend(End end) {
  if (!slot_.entry) {
    slot_.entry = Keyspace::NewEntry(ValueType::kList, Encoding::kElements);
    slot_.entry->id = transaction().NewId();
    slot_.entry->count = 1;
    return slot_.entry->head = slot_.entry->tail = kFirstPosition;
  }
  ++slot_.entry->count;
  const uint64_t position = end == End::kFront ? ++slot_.entry->tail : --slot_.entry->head;
  MakeRoom(position);
  return position;
}

void List::Pop(End end, uint64_t count, Visit visit) {
  count = std::min(count, size());
  if (count == 0) return;
  Drop(end, count, [&](std::string_view element) {
    transaction().NoteTaken(element);
    visit(element);
  });
  Save();
}

void List::HandOut(End end, uint64_t count, Visit visit) {
  count = std::min(count, size());
  if (count == 0) return;
  const bool hands_out = transaction().hands_over() && count <= kMostHandedOut;
  const Bytes bytes = hands_out ? Bytes::kHandOut : Bytes::kDelete;
  const auto take = [&](std::string_view element) {
    transaction().NoteTaken(element);
    visit(element);
  };
  Drop(end, count, take, bytes);
  Save();
}

void List::Drop(End end, uint64_t count, Visit visit, Bytes bytes) {
  for (; count > 0; --count) {
    const uint64_t position = EndPosition(end);
    const std::string_view element = transaction().Get(View(KeyOf(position))).value_or(std::string_view());
    visit(element);
    const bool was_dense = dense();
    Erase(end, position, element.size(), bytes);
    end == End::kFront ? --slot_.entry->tail : ++slot_.entry->head;
    if (!was_dense) TightenEnd(end);
  }
}

void List::Erase(End end, uint64_t position, size_t element_bytes, Bytes bytes) {
  if (bytes == Bytes::kDelete) {
    transaction().Delete(View(KeyOf(position)));
  } else {
    HandedOut element;
    element.place = {slot_.entry->id, position};
    element.from = end == End::kFront ? HandedOut::From::kListFront : HandedOut::From::kListBack;
    element.database = transaction().database(keyspace_.database()).id;
    element.key = slot_.key;
    transaction().NoteHandedOut(std::move(element));
  }
  --slot_.entry->count;
  slot_.entry->bytes -= element_bytes;
}

void List::TightenEnd(End end) {
  if (slot_.entry->count == 0) return;
  SeekEnd(end);
  if (!on_element()) return;
  (end == End::kFront ? slot_.entry->tail : slot_.entry->head) = cursor_position();
}

std::string_view List::At(uint64_t index) {
  if (dense()) {
    return transaction().Get(View(KeyOf(slot_.entry->tail - index))).value_or(std::string_view());
  }
  SeekIndex(index);
  return on_element() ? cursor().value() : std::string_view();
}

void List::Set(uint64_t index, std::string_view element) {
  SeekIndex(index);
  if (!on_element()) return;
  slot_.entry->bytes += element.size() - cursor().value().size();
  transaction().NoteTaken(cursor().value());
  transaction().NoteGiven(keyspace_.database(), slot_.key, element);
  transaction().Put(View(KeyOf(cursor_position())), element);
  Save();
}

void List::Range(uint64_t first, uint64_t count, Visit visit) {
  if (count == 0) return;
  if (count == 1) return visit(At(first));
  SeekIndex(first);
  for (; count > 0; --count) {
    visit(on_element() ? cursor().value() : std::string_view());
    if (count > 1) StepFrom(End::kFront);
  }
}

void List::Trim(uint64_t first, uint64_t count) {
  if (count == 0) {
    keyspace_.Remove(slot_);
    return;
  }
  const auto ignore = [](std::string_view) {};
  Drop(End::kBack, size() - first - count, ignore);
  Drop(End::kFront, first, ignore);
  Save();
}

uint64_t List::RemoveMatching(int64_t limit, std::string_view element) {
  if (empty()) return 0;
  const End from = limit < 0 ? End::kBack : End::kFront;
  const uint64_t wanted = limit == 0 ? size() : Magnitude(limit);
  uint64_t removed = 0;
  SeekEnd(from);
  for (uint64_t left = size(); left > 0 && removed < wanted && on_element(); --left) {
    if (cursor().value() == element) {
      transaction().NoteTaken(element);
      Erase(from, cursor_position(), element.size());
      ++removed;
    }
    if (left > 1) StepFrom(from);
  }
  if (removed == 0) return 0;
  TightenEnd(End::kFront);
  TightenEnd(End::kBack);
  Save();
  return removed;
}

bool List::Insert(End side, std::string_view pivot, std::string_view element) {
  uint64_t index = size();
  Find(pivot, ListSearch{}, [&](uint64_t found) { index = found; });
  if (index == size()) return false;
  const uint64_t position = cursor_position();
  const uint64_t in_front = index + (side == End::kBack ? 1 : 0);
  // The new element's position, if the part in front of it moves up, or if the part behind it moves down.
  const uint64_t upward = side == End::kFront ? position + 1 : position;
  if (in_front <= size() - in_front) {
    Shift(upward, 1, element);
  } else {
    Shift(upward - 1, -1, element);
  }
  ++slot_.entry->count;
  slot_.entry->bytes += element.size();
  transaction().NoteGiven(keyspace_.database(), slot_.key, element);
  Save();
  return true;
}

void List::Shift(uint64_t position, int step, std::string_view carried) {
  while (true) {
    if (position < slot_.entry->head || position > slot_.entry->tail) MakeRoom(position);
    const auto displaced = transaction().Get(View(KeyOf(position)));
    transaction().Put(View(KeyOf(position)), carried);
    if (!displaced) break;
    carried = *displaced;
    position += static_cast<uint64_t>(static_cast<int64_t>(step));
  }
  slot_.entry->head = std::min(slot_.entry->head, position);
  slot_.entry->tail = std::max(slot_.entry->tail, position);
}

void List::Find(std::string_view element, const ListSearch& search,
                absl::FunctionRef<void(uint64_t index)> visit) {
  if (empty()) return;
  const End from = search.rank < 0 ? End::kBack : End::kFront;
  const uint64_t looks = search.looks == 0 ? size() : std::min(search.looks, size());
  uint64_t skip = Magnitude(search.rank) - 1;
  uint64_t found = 0;
  SeekEnd(from);
  for (uint64_t step = 0; step < looks && on_element(); ++step) {
    if (step > 0) StepFrom(from);
    if (!on_element() || cursor().value() != element) continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    visit(from == End::kFront ? step : size() - 1 - step);
    if (++found == search.matches) return;
  }
}

std::string_view List::Move(List& source, End from, List& destination, End to) {
  const std::string_view element = source.At(from == End::kFront ? 0 : source.size() - 1);
  // Pushed first, so that a list that rotates is never empty in between.
  destination.Push(to, {&element, 1});
  source.Pop(from, 1, [](std::string_view) {});
  return element;
}

void List::Save() {
  if (slot_.entry->count > 0) {
    keyspace_.Save(slot_);
  } else {
    // No element is left that the trash would have to delete.
    keyspace_.Detach(slot_);
  }
}

Cursor& List::cursor() {
  if (!cursor_) cursor_ = transaction().NewCursor();
  return *cursor_;
}

void List::SeekEnd(End end) {
  if (end == End::kFront) {
    cursor().SeekBefore(View(KeyOf(slot_.entry->tail + 1)));
  } else {
    cursor().Seek(View(KeyOf(slot_.entry->head)));
  }
}

void List::SeekIndex(uint64_t index) {
  if (dense()) {
    cursor().Seek(View(KeyOf(slot_.entry->tail - index)));
    return;
  }
  const uint64_t from_back = size() - 1 - index;
  const End end = index <= from_back ? End::kFront : End::kBack;
  SeekEnd(end);
  for (uint64_t steps = std::min(index, from_back); steps > 0 && on_element(); --steps) StepFrom(end);
}

void List::StepFrom(End end) {
  if (!cursor().valid()) return;
  end == End::kFront ? cursor().Prev() : cursor().Next();
}

bool List::on_element() const {
  if (!cursor_ || !cursor_->valid()) return false;
  const std::string_view key = cursor_->key();
  const ElementKey prefix = KeyOf(0);
  return key.size() == prefix.size() && std::memcmp(key.data(), prefix.data(), kPositionOffset) == 0;
}

uint64_t List::cursor_position() const { return ReadU64(cursor_->key().substr(kPositionOffset)); }

}  // namespace holdfast::storage
