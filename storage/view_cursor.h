#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "storage/kv.h"
#include "storage/memtable.h"
#include "storage/view.h"

namespace holdfast::storage {

// A position in one layer of a view. Invalid before the first and after the last entry.
class Layer {
 public:
  virtual ~Layer() = default;
  virtual void Seek(std::string_view key) = 0;        // the first entry at or after
  virtual void SeekBefore(std::string_view key) = 0;  // the last entry before
  virtual void Next() = 0;
  virtual void Prev() = 0;
  [[nodiscard]] virtual bool valid() const = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
  [[nodiscard]] virtual bool deleted() const = 0;  // hides the layers below
};

// Merges the layers of a view: the newest entry of each key counts, deletes hide what lies below. Contract:
// kv.h.
class ViewCursor : public Cursor {
 public:
  // `base` may be null.
  ViewCursor(View& view, std::unique_ptr<Cursor> base);

  void Seek(std::string_view key) override;
  void SeekBefore(std::string_view key) override;
  void Next() override;
  void Prev() override;
  [[nodiscard]] bool valid() const override { return current_ != nullptr; }
  [[nodiscard]] std::string_view key() const override { return key_; }
  [[nodiscard]] std::string_view value() const override { return current_->value(); }

 private:
  enum class Direction { kForward, kBackward };

  void SeekLayers(std::string_view key);
  void SeekLayersBefore(std::string_view key);
  // Both settle on the next live entry from where the layers stand. `origin`: nothing lives between it and
  // there.
  void SettleForward(std::string_view origin);
  void SettleBackward(std::string_view origin);
  [[nodiscard]] Layer* First() const;
  [[nodiscard]] Layer* Last() const;
  // Moves every layer that stands on `key` one on.
  void StepOver(std::string_view key);
  void Stand(Layer* layer);
  [[nodiscard]] bool moved(Direction direction) const;

  View& view_;
  std::array<std::unique_ptr<Layer>, 3> layers_;  // newest first; some may be null
  Layer* current_ = nullptr;
  std::string_view key_;  // the layer's own bytes, which stay when the map changes
  Direction direction_ = Direction::kForward;
  uint64_t version_ = 0;  // of the active memtable, when the layers were last placed
};

}  // namespace holdfast::storage
