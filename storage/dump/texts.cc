#include "storage/dump/texts.h"

#include <utility>

namespace holdfast::storage::dump {

bool Texts::Count(uint64_t bytes) {
  full_ = full_ || bytes > left_;
  if (!full_) left_ -= bytes;
  return !full_;
}

std::string_view Texts::Element(std::string_view word) {
  Count(word.size() + kElementBytes);
  return word;
}

std::string_view Texts::Keep(std::string text) { return kept_.emplace_back(std::move(text)); }

}  // namespace holdfast::storage::dump
