#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/element_map.h"

namespace holdfast::storage {

// A set: members without order under one key. Lives for one command.
//
//   Set set(keyspace, "queues");
//   if (set.wrong_type()) ...
//   const std::string_view members[] = {"default", "mail"};
//   uint64_t added = set.Add(members);
//
// Integers only: inline and sorted, up to set-max-intset-entries. Anything: inline up to
// set-max-listpack-entries members of set-max-listpack-value bytes. Beyond, one map entry a member; it never
// turns back. A change that changes nothing makes no effect.
class Set {
 public:
  Set(Keyspace& keyspace, std::string_view key) : elements_(keyspace, key, ValueType::kSet) {}

  [[nodiscard]] bool wrong_type() const { return elements_.wrong_type(); }
  [[nodiscard]] uint64_t size() const { return elements_.size(); }
  [[nodiscard]] bool Contains(std::string_view member) const { return elements_.Find(member).has_value(); }

  // Visits, scans, samples: see ElementMap; names are members, payloads are empty.
  [[nodiscard]] const ElementMap& elements() const { return elements_; }

  // How many are new.
  uint64_t Add(std::span<const std::string_view> members);
  // How many there were. The key goes with its last member.
  uint64_t Remove(std::span<const std::string_view> members);
  // Removes up to `count` random members and returns them.
  std::vector<std::string> Pop(uint64_t count);
  // Replaces whatever the key holds, of any type, by these members; no members: deletes the key.
  // Returns whether it held anything.
  bool Assign(std::span<const std::string_view> members);

 private:
  bool AddOne(std::string_view member);
  void AddToSmall(std::string_view member);

  ElementMap elements_;
};

}  // namespace holdfast::storage
