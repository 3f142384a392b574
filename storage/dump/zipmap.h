#pragma once

#include <string_view>
#include <vector>

#include "storage/dump/texts.h"

namespace holdfast::storage::dump {

// A zipmap: a small hash of Redis before 2.6. Only read.
//
//   zipmap := fields:1 field* FF                      254: uncounted
//   field  := length name length free:1 value unused  `free` counts the bytes of `unused`
//   length := bytes:1 | FE bytes:4                    little-endian
//
// Source: https://rdb.fnordig.de/file_format.html#zipmap-encoding

// Appends fields and values alternately. False if it is not sound.
[[nodiscard]] bool ReadZipmap(std::string_view zipmap, Texts& texts, std::vector<std::string_view>& words);

}  // namespace holdfast::storage::dump
