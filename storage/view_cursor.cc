#include "storage/view_cursor.h"

#include <utility>

namespace holdfast::storage {
namespace {

// Shorter runs of deletes are walked over each time; longer ones are worth a note.
constexpr int kRunWorthNoting = 16;
// Above every key: tables are letters.
constexpr std::string_view kAboveAllKeys = "\xff";

class MemtableLayer : public Layer {
 public:
  explicit MemtableLayer(const Memtable& table) : map_(table.map()), at_(map_.end()) {}

  void Seek(std::string_view key) override { at_ = map_.lower_bound(key); }
  void SeekBefore(std::string_view key) override {
    at_ = map_.lower_bound(key);
    Prev();
  }
  void Next() override { ++at_; }
  void Prev() override { at_ = at_ == map_.begin() ? map_.end() : std::prev(at_); }
  [[nodiscard]] bool valid() const override { return at_ != map_.end(); }
  [[nodiscard]] std::string_view key() const override { return at_->first; }
  [[nodiscard]] std::string_view value() const override { return at_->second.value; }
  [[nodiscard]] bool deleted() const override { return at_->second.kind == Memtable::Kind::kDelete; }

 private:
  const Memtable::Map& map_;
  Memtable::Map::const_iterator at_;
};

class BaseLayer : public Layer {
 public:
  explicit BaseLayer(std::unique_ptr<Cursor> cursor) : cursor_(std::move(cursor)) {}

  void Seek(std::string_view key) override { cursor_->Seek(key); }
  void SeekBefore(std::string_view key) override { cursor_->SeekBefore(key); }
  void Next() override { cursor_->Next(); }
  void Prev() override { cursor_->Prev(); }
  [[nodiscard]] bool valid() const override { return cursor_->valid(); }
  [[nodiscard]] std::string_view key() const override { return cursor_->key(); }
  [[nodiscard]] std::string_view value() const override { return cursor_->value(); }
  [[nodiscard]] bool deleted() const override { return false; }

 private:
  std::unique_ptr<Cursor> cursor_;
};

std::string After(std::string_view key) {
  std::string after(key);
  after.push_back('\0');
  return after;
}

}  // namespace

ViewCursor::ViewCursor(View& view, std::unique_ptr<Cursor> base) : view_(view) {
  layers_[0] = std::make_unique<MemtableLayer>(view.active());
  if (view.frozen() != nullptr) layers_[1] = std::make_unique<MemtableLayer>(*view.frozen());
  if (base != nullptr) layers_[2] = std::make_unique<BaseLayer>(std::move(base));
}

void ViewCursor::Seek(std::string_view key) {
  const std::string from = view_.SkipForward(key);
  SeekLayers(from);
  SettleForward(from);
}

void ViewCursor::SeekBefore(std::string_view key) {
  const std::string from = view_.SkipBackward(key);
  SeekLayersBefore(from);
  SettleBackward(from);
}

void ViewCursor::Next() {
  if (moved(Direction::kForward)) return Seek(After(key_));
  StepOver(key_);
  SettleForward({});
}

void ViewCursor::Prev() {
  if (moved(Direction::kBackward)) return SeekBefore(key_);
  StepOver(key_);
  SettleBackward({});
}

bool ViewCursor::moved(Direction direction) const {
  return direction_ != direction || version_ != view_.active().version();
}

void ViewCursor::SeekLayers(std::string_view key) {
  direction_ = Direction::kForward;
  version_ = view_.active().version();
  for (auto& layer : layers_) {
    if (layer) layer->Seek(key);
  }
}

void ViewCursor::SeekLayersBefore(std::string_view key) {
  direction_ = Direction::kBackward;
  version_ = view_.active().version();
  for (auto& layer : layers_) {
    if (layer) layer->SeekBefore(key);
  }
}

void ViewCursor::SettleForward(std::string_view origin) {
  Layer* first = First();
  if (first == nullptr || !first->deleted()) return Stand(first);
  const std::string run_begin(origin.empty() ? first->key() : origin);
  int run = 0;
  for (; first != nullptr && first->deleted(); first = First(), ++run) StepOver(first->key());
  if (run >= kRunWorthNoting) view_.NoteEmpty(run_begin, first == nullptr ? kAboveAllKeys : first->key());
  Stand(first);
}

void ViewCursor::SettleBackward(std::string_view origin) {
  Layer* last = Last();
  if (last == nullptr || !last->deleted()) return Stand(last);
  const std::string run_end = origin.empty() ? After(last->key()) : std::string(origin);
  int run = 0;
  for (; last != nullptr && last->deleted(); last = Last(), ++run) StepOver(last->key());
  if (run >= kRunWorthNoting) view_.NoteEmpty(last == nullptr ? std::string() : After(last->key()), run_end);
  Stand(last);
}

Layer* ViewCursor::First() const {
  Layer* first = nullptr;
  for (const auto& layer : layers_) {
    if (layer && layer->valid() && (first == nullptr || layer->key() < first->key())) first = layer.get();
  }
  return first;
}

Layer* ViewCursor::Last() const {
  Layer* last = nullptr;
  for (const auto& layer : layers_) {
    if (layer && layer->valid() && (last == nullptr || layer->key() > last->key())) last = layer.get();
  }
  return last;
}

void ViewCursor::StepOver(std::string_view key) {
  for (auto& layer : layers_) {
    if (!layer || !layer->valid() || layer->key() != key) continue;
    if (direction_ == Direction::kForward) {
      layer->Next();
    } else {
      layer->Prev();
    }
  }
}

void ViewCursor::Stand(Layer* layer) {
  current_ = layer;
  key_ = layer == nullptr ? std::string_view() : layer->key();
}

}  // namespace holdfast::storage
