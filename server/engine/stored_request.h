#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "resp/request.h"

namespace holdfast::server::engine {

// A copy of a request that must outlive its reader's buffer: queued in MULTI, or blocked. One block of memory
// for all words. Moving it leaves the words where they are.
class StoredRequest {
 public:
  StoredRequest() = default;
  explicit StoredRequest(resp::Request words);

  [[nodiscard]] resp::Request words() const { return words_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  std::unique_ptr<char[]> block_;
  size_t bytes_ = 0;
  std::vector<std::string_view> words_;
};

}  // namespace holdfast::server::engine
