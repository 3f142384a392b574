#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace holdfast::resp {

// Bytes that grow at their end and are given up at their front. Unlike std::string it grows by realloc, which
// moves the pages of a large block instead of copying them, and it can give its memory back.
class ByteBuffer {
 public:
  [[nodiscard]] const char* data() const { return bytes_.get(); }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

  // Appends `bytes`, which must not be part of this buffer. Grows to `wanted_capacity` if that is more than
  // needed. data() may change.
  void Append(std::string_view bytes, size_t wanted_capacity = 0);
  // Drops the first `count` bytes and moves the others down.
  void DropFront(size_t count);
  // Drops everything and frees the memory.
  void Release();

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<char, Free> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace holdfast::resp
