#include "server/engine/counters.h"

#include <string>

namespace holdfast::server::engine {

void Counters::Error(std::string_view text) {
  ++error_replies;
  const std::string_view code = text.substr(0, text.find(' '));
  const auto found = errors_.find(code);
  if (found != errors_.end()) {
    ++found->second;
  } else {
    ++errors_[errors_.size() < kMaxErrors ? std::string(code) : "OTHER"];
  }
}

void Counters::Reset() { *this = Counters(by_command_.size()); }

}  // namespace holdfast::server::engine
