#include "server/engine/stored_request.h"

#include <algorithm>

namespace holdfast::server::engine {

StoredRequest::StoredRequest(resp::Request words) {
  for (const std::string_view word : words) bytes_ += word.size();
  block_ = std::make_unique_for_overwrite<char[]>(bytes_);
  words_.reserve(words.size());
  char* next = block_.get();
  for (const std::string_view word : words) {
    words_.emplace_back(next, word.size());
    next = std::copy(word.begin(), word.end(), next);
  }
}

}  // namespace holdfast::server::engine
