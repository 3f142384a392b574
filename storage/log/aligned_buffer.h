#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

#include "absl/types/span.h"
#include "storage/log/record_format.h"

namespace holdfast::storage::log {

// Memory as direct reads and writes want it: address and size are multiples of `block_bytes`, a power of two.
// The contents are undefined after Resize made it larger.
class AlignedBuffer {
 public:
  explicit AlignedBuffer(size_t block_bytes) : block_bytes_(block_bytes) {}

  // Makes room for at least `bytes`; never shrinks.
  void Resize(size_t bytes) {
    if (bytes <= capacity_) return;
    capacity_ = RoundUp(bytes, block_bytes_);
    memory_.reset(static_cast<char*>(std::aligned_alloc(block_bytes_, capacity_)));
    if (memory_ == nullptr) throw std::bad_alloc();
  }

  [[nodiscard]] char* data() { return memory_.get(); }
  [[nodiscard]] size_t capacity() const { return capacity_; }

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };

  const size_t block_bytes_;
  size_t capacity_ = 0;
  std::unique_ptr<char, Free> memory_;
};

}  // namespace holdfast::storage::log
