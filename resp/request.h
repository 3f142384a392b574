#pragma once

#include <span>
#include <string_view>

#include "absl/container/inlined_vector.h"

namespace holdfast::resp {

// The words of one command; the first is its name. Views of bytes that belong to someone else: see
// RequestParser.
using Request = std::span<const std::string_view>;

// A request while it is being collected. Most commands have few words: those need no memory beyond the parser
// itself.
using Words = absl::InlinedVector<std::string_view, 8>;

}  // namespace holdfast::resp
