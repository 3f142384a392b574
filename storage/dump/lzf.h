#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::storage::dump {

// LZF, in which Redis compresses longer strings of its serialised values. A row of
//   000lllll  l + 1 bytes                        as they are
//   lllooooo oooooooo            l = 1 to 6      l + 2 bytes again, from o + 1 bytes before
//   111ooooo llllllll oooooooo                   l + 9 bytes again, from o + 1 bytes before
//
// The `size` bytes that were compressed; nullopt if it is no row of these, or of another size.
[[nodiscard]] std::optional<std::string> LzfDecompress(std::string_view compressed, size_t size);

}  // namespace holdfast::storage::dump
