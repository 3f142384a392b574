#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "storage/element_map.h"

namespace holdfast::storage {

// A hash: fields with values under one key. Lives for one command; the views it returns live as long as
// Transaction::Get's.
//
//   Hash hash(keyspace, "heartbeat");
//   if (hash.wrong_type()) ...
//   const std::string_view pairs[] = {"busy", "3", "quiet", "false"};
//   uint64_t added = hash.Set(pairs);
//
// Held inline up to hash-max-listpack-entries fields of hash-max-listpack-value bytes (field and value each),
// then one map entry a field; it never turns back. A change that changes nothing makes no effect.
class Hash {
 public:
  Hash(Keyspace& keyspace, std::string_view key) : elements_(keyspace, key, ValueType::kHash) {}

  [[nodiscard]] bool wrong_type() const { return elements_.wrong_type(); }
  [[nodiscard]] uint64_t size() const { return elements_.size(); }
  [[nodiscard]] std::optional<std::string_view> Get(std::string_view field) const {
    return elements_.Find(field);
  }

  // Visits, scans, samples: see ElementMap; names are fields and payloads are values.
  [[nodiscard]] const ElementMap& elements() const { return elements_; }

  // Fields and values alternate; of a field that comes twice the last value counts. How many fields are new.
  uint64_t Set(std::span<const std::string_view> fields_and_values);
  // How many there were. The key goes with its last field.
  uint64_t Remove(std::span<const std::string_view> fields);

 private:
  bool SetOne(std::string_view field, std::string_view value);

  ElementMap elements_;
};

}  // namespace holdfast::storage
