#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace holdfast::storage {

// Longer values may be put together from several entries each time they are read.
inline constexpr size_t kMaxInlineValueBytes = 32'000;

// A position in an ordered map of byte strings. Keys are ordered as unsigned bytes (memcmp), shorter first.
//
// The views that key() and value() return live as long as those of Reader::Get: they outlast the cursor's
// moves, so that a range is collected without copies. Only a value of more than kMaxInlineValueBytes lives
// until the cursor moves: a walk over many of them must not collect them all (Transaction::Keep does, where
// that is wanted). After a change of the map the cursor may be moved: Next() and Prev() go on from the key
// it stood on, whether that still exists or not.
class Cursor {
 public:
  virtual ~Cursor() = default;

  // To the first key at or after `key`; invalid if there is none.
  virtual void Seek(std::string_view key) = 0;
  // To the last key strictly before `key`; invalid if there is none.
  virtual void SeekBefore(std::string_view key) = 0;
  // Both need valid().
  virtual void Next() = 0;
  virtual void Prev() = 0;

  [[nodiscard]] virtual bool valid() const = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
};

// A readable ordered map: an LMDB snapshot, or a fake in tests. One thread uses it at a time.
//
// Reading damaged bytes is rare and cannot be repaired by a caller, so it is no result of each call: the
// entry reads as absent, the first fault sticks, and whoever ends the work looks at fault() before the work
// counts.
class Reader {
 public:
  virtual ~Reader() = default;

  // The value's bytes, or nullopt where the key is absent. The view lives until Release().
  [[nodiscard]] virtual std::optional<std::string_view> Get(std::string_view key) = 0;
  [[nodiscard]] virtual std::unique_ptr<Cursor> NewCursor() = 0;

  // Lets go of the buffers that values put together from several entries were copied to. Called between
  // commands.
  virtual void Release() = 0;

  // OK, or kDataLoss with the first damaged entry met since the reader was opened.
  [[nodiscard]] virtual const absl::Status& fault() const = 0;
};

}  // namespace holdfast::storage
