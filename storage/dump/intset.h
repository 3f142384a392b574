#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/dump/texts.h"

namespace holdfast::storage::dump {

// An intset: a set of numbers.
//
//   intset := width:4 numbers:4 number*    a number has `width` (2, 4 or 8) bytes, signed; they ascend; all
//                                          little-endian
//
// Source: https://rdb.fnordig.de/file_format.html#intset-encoding

// Appends the numbers' digits to `words`. False if it is not sound.
[[nodiscard]] bool ReadIntset(std::string_view intset, Texts& texts, std::vector<std::string_view>& words);

// `numbers` ascend.
[[nodiscard]] std::string MakeIntset(std::span<const int64_t> numbers);

}  // namespace holdfast::storage::dump
