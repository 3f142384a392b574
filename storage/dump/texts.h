#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace holdfast::storage::dump {

// What comes out of a payload while it is read: keeps the texts that do not stand in it as they are (numbers,
// compressed ones), and counts all of them, for a small payload can hold much: LZF writes a byte 264 times
// over, and the field names of a stream's node stand once for all of its entries.
class Texts {
 public:
  // An element counts as so much more than its bytes: about what it will take in memory.
  static constexpr uint64_t kElementBytes = 128;

  explicit Texts(uint64_t most_bytes) : left_(most_bytes) {}

  // False if that is more than there may be; nothing counts any more then.
  bool Count(uint64_t bytes);
  // Too much came out: whatever was read is not to be used.
  [[nodiscard]] bool full() const { return full_; }

  // Counts an element, or one of the words of one; `word` again.
  std::string_view Element(std::string_view word);
  std::string_view Element(int64_t number) { return Element(Keep(std::to_string(number))); }
  // Uncounted. Lives as long as this object.
  std::string_view Keep(std::string text);

 private:
  uint64_t left_;
  bool full_ = false;
  std::deque<std::string> kept_;
};

}  // namespace holdfast::storage::dump
