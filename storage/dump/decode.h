#pragma once

#include <cstdint>
#include <string_view>

#include "storage/dump/texts.h"
#include "storage/dump/value.h"

namespace holdfast::storage::dump {

enum class Decoded : uint8_t {
  kValue,
  kNonsense,  // it is no value, or one that no server would have written
  kTooMuch,   // more comes out of it than `texts` may hold
};

// Reads the body of a payload (value.h), all of it. Whatever the bytes are: time and memory are in proportion
// to them and to the bound of `texts`. That an element stands there only once is not looked at: Store sees
// it.
[[nodiscard]] Decoded Decode(std::string_view body, Texts& texts, Value& value);

}  // namespace holdfast::storage::dump
