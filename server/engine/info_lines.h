#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "server/command/words.h"
#include "server/engine/process_facts.h"

namespace holdfast::server::engine {

// Lines "name:value\r\n" of one section of INFO, added to `out`, which must outlive it.
class InfoLines {
 public:
  explicit InfoLines(std::string& out) : out_(out) {}

  void Add(std::string_view name, std::string_view value) {
    out_ += command::Concat({name, ":", value, "\r\n"});
  }
  void Add(std::string_view name, uint64_t value) { Add(name, std::to_string(value)); }
  // What there is nothing of here, and tools read all the same.
  void AddZeros(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) Add(name, uint64_t{0});
  }
  // And "name_human", as people read it.
  void AddBytes(std::string_view name, uint64_t bytes) {
    Add(name, bytes);
    Add(command::Concat({name, "_human"}), HumanBytes(bytes));
  }

 private:
  std::string& out_;
};

}  // namespace holdfast::server::engine
