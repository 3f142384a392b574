#include "resp/byte_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace holdfast::resp {

void ByteBuffer::Append(std::string_view bytes, size_t wanted_capacity) {
  if (bytes.empty()) return;
  const size_t needed = size_ + bytes.size();
  if (needed > capacity_) {
    const size_t capacity = std::max(needed, wanted_capacity);
    char* grown = static_cast<char*>(std::realloc(bytes_.get(), capacity));
    if (grown == nullptr) throw std::bad_alloc();
    (void)bytes_.release();
    bytes_.reset(grown);
    capacity_ = capacity;
  }
  std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
  size_ = needed;
}

void ByteBuffer::DropFront(size_t count) {
  size_ -= count;
  if (count > 0 && size_ > 0) std::memmove(bytes_.get(), bytes_.get() + count, size_);
}

void ByteBuffer::Release() {
  bytes_.reset();
  size_ = 0;
  capacity_ = 0;
}

}  // namespace holdfast::resp
