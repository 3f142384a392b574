#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/time/time.h"
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
// then one map entry a field; it never turns back. So is a hash of which a field expires. A change that
// changes nothing makes no effect.
class Hash {
 public:
  Hash(Keyspace& keyspace, std::string_view key)
      : keyspace_(keyspace), elements_(keyspace, key, ValueType::kHash) {}

  [[nodiscard]] bool wrong_type() const { return elements_.wrong_type(); }
  [[nodiscard]] uint64_t size() const { return elements_.size(); }
  [[nodiscard]] bool empty() const { return elements_.empty(); }
  [[nodiscard]] std::optional<std::string_view> Get(std::string_view field) const {
    return elements_.Find(field);
  }

  // Visits, scans, samples: see ElementMap; names are fields and payloads are values.
  [[nodiscard]] const ElementMap& elements() const { return elements_; }

  // Fields and values alternate; of a field that comes twice the last value counts. They expire no longer.
  // How many fields are new.
  uint64_t Set(std::span<const std::string_view> fields_and_values);
  // A new value for a field, there or not, that keeps its time.
  void Update(std::string_view field, std::string_view value);
  // How many there were. The key goes with its last field.
  uint64_t Remove(std::span<const std::string_view> fields);

  // When a field expires (whole milliseconds); the infinite future if never. nullopt if it is absent.
  [[nodiscard]] std::optional<absl::Time> Due(std::string_view field) const;
  // Lets a field that is there expire at `due`; the infinite future: never. What is past already takes the
  // field away. Reads see it at once; Save ends a command's changes.
  void Expire(std::string_view field, absl::Time due);
  void Save() { elements_.Save(); }
  // Deletes at most `most` fields that are past their time, and tells listeners; how many.
  uint64_t Reclaim(uint64_t most);

 private:
  bool SetOne(std::string_view field, std::string_view value);

  Keyspace& keyspace_;
  ElementMap elements_;
};

}  // namespace holdfast::storage
