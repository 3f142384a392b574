#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::server::command {

// ASCII only, as Redis compares command and option words: bytes above 127 are left alone.
[[nodiscard]] bool EqualsIgnoreCase(std::string_view a, std::string_view b);
[[nodiscard]] std::string Lower(std::string_view text);
[[nodiscard]] std::string Upper(std::string_view text);

// The parts between single separators, none skipped: "a  b" has three.
[[nodiscard]] std::vector<std::string_view> SplitWords(std::string_view text, char separator = ' ');

// Two lower-case hexadecimal digits a byte.
[[nodiscard]] std::string Hex(std::string_view bytes);

// Debian's Abseil has a string_view of its own, which absl::StrCat wants; this takes the standard one.
[[nodiscard]] std::string Concat(std::initializer_list<std::string_view> parts);

// The bytes in front of the first zero byte: as much as Redis shows of a word in an error.
[[nodiscard]] std::string_view UpToZero(std::string_view word);

}  // namespace holdfast::server::command
