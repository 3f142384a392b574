#include "server/engine/quoted.h"

#include <array>
#include <cstdio>

namespace holdfast::server::engine {

std::string Quoted(std::string_view bytes) {
  constexpr std::string_view kEscaped = "\\\"\n\r\t\a\b";
  constexpr std::string_view kLetters = "\\\"nrtab";
  std::string text = "\"";
  for (const char c : bytes) {
    const size_t escape = kEscaped.find(c);
    if (escape != std::string_view::npos) {
      text += '\\';
      text += kLetters[escape];
    } else if (c >= ' ' && c <= '~') {
      text += c;
    } else {
      std::array<char, 8> hexadecimal;
      std::snprintf(hexadecimal.data(), hexadecimal.size(), "\\x%02x", static_cast<unsigned char>(c));
      text += hexadecimal.data();
    }
  }
  return text + '"';
}

}  // namespace holdfast::server::engine
