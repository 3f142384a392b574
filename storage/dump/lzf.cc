#include "storage/dump/lzf.h"

namespace holdfast::storage::dump {
namespace {

// Takes a byte off the front; false at the end.
bool Take(std::string_view& bytes, size_t& byte) {
  if (bytes.empty()) return false;
  byte = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  return true;
}

bool CopyLiterals(std::string_view& compressed, size_t count, std::string& out) {
  if (compressed.size() < count) return false;
  out += compressed.substr(0, count);
  compressed.remove_prefix(count);
  return true;
}

// `control` is the first byte of the reference.
bool CopyAgain(std::string_view& compressed, size_t control, size_t size, std::string& out) {
  constexpr size_t kLongCount = 7;
  size_t count = control >> 5;
  if (count == kLongCount) {
    size_t more = 0;
    if (!Take(compressed, more)) return false;
    count += more;
  }
  count += 2;
  size_t low = 0;
  if (!Take(compressed, low)) return false;
  const size_t distance = ((control & 31) << 8) + low + 1;
  if (distance > out.size() || count > size - out.size()) return false;
  // The source may reach into what is being written.
  for (size_t from = out.size() - distance; count > 0; --count) out += out[from++];
  return true;
}

}  // namespace

std::optional<std::string> LzfDecompress(std::string_view compressed, size_t size) {
  constexpr size_t kLiterals = 32;
  constexpr size_t kMostBytesPerByte = 264;
  if (size / kMostBytesPerByte > compressed.size()) return std::nullopt;
  std::string out;
  out.reserve(size);
  for (size_t control = 0; Take(compressed, control);) {
    const bool copied = control < kLiterals ? CopyLiterals(compressed, control + 1, out)
                                            : CopyAgain(compressed, control, size, out);
    if (!copied || out.size() > size) return std::nullopt;
  }
  if (out.size() != size) return std::nullopt;
  return out;
}

}  // namespace holdfast::storage::dump
