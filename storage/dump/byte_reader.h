#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::storage::dump {

// Takes the fields of a packed form off its front. Once one is missing, all that follow are (they read as
// zero or nothing), so that a whole form is read before the one question: ok().
//
//   ByteReader reader(bytes);
//   const uint64_t size = reader.LittleEndian(4);
//   const std::string_view text = reader.Bytes(size);
//   if (!reader.ok()) ...
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::string_view Bytes(uint64_t count);
  uint8_t Byte();
  // Of at most 8 bytes.
  uint64_t LittleEndian(size_t bytes);
  int64_t SignedLittleEndian(size_t bytes);
  uint64_t BigEndian(size_t bytes);

  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool done() const { return rest_.empty(); }
  // For what was read and makes no sense.
  void Fail();
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void AppendLittleEndian(std::string& out, uint64_t number, size_t bytes);

}  // namespace holdfast::storage::dump
