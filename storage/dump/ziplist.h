#pragma once

#include <string_view>
#include <vector>

#include "storage/dump/texts.h"

namespace holdfast::storage::dump {

// A ziplist: what Redis before 7.0 had where it now has listpacks. Only read.
//
//   ziplist  := bytes:4 tail:4 entries:2 entry* FF    little-endian; tail: where the last entry begins (the
//   FF's
//                                                     place if there is none); 65535 entries: uncounted
//   entry    := previous what
//   previous := bytes:1 | FE bytes:4                  of the entry before; 0 for the first; little-endian
//   what     := 00bbbbbb text | 01bbbbbb bbbbbbbb text | 10000000 bytes:4 text    lengths are big-endian
//             | C0 .:2 | D0 .:4 | E0 .:8 | F0 .:3 | FE .:1    a number, signed, little-endian
//             | 1111bbbb                              0001 to 1101: a number from 0 to 12
//
// Source: https://rdb.fnordig.de/file_format.html#ziplist-encoding

// Appends what stands in it to `words`, numbers as digits. False if it is not sound.
[[nodiscard]] bool ReadZiplist(std::string_view ziplist, Texts& texts, std::vector<std::string_view>& words);

}  // namespace holdfast::storage::dump
