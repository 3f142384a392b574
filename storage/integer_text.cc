#include "storage/integer_text.h"

#include <charconv>
#include <system_error>

namespace holdfast::storage {

std::optional<int64_t> CanonicalInteger(std::string_view text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  char canonical[24];
  const auto made = std::to_chars(canonical, canonical + sizeof canonical, value);
  if (std::string_view(canonical, made.ptr) != text) return std::nullopt;
  return value;
}

}  // namespace holdfast::storage
