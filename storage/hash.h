#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/time/time.h"
#include "storage/element_map.h"
#include "storage/field_times.h"

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
  static constexpr uint64_t kAll = UINT64_MAX;

  // Fields whose time is over go at once, whoever asks: they read as absent. The expirer takes only
  // `most_expired` of them at a time. `key` must outlive the hash.
  Hash(Keyspace& keyspace, std::string_view key, uint64_t most_expired = kAll);

  [[nodiscard]] bool wrong_type() const { return elements_.wrong_type(); }
  [[nodiscard]] uint64_t size() const { return elements_.size(); }
  [[nodiscard]] std::optional<std::string_view> Get(std::string_view field) const {
    return elements_.Find(field);
  }

  // Visits, scans, samples: see ElementMap; names are fields and payloads are values.
  [[nodiscard]] const ElementMap& elements() const { return elements_; }

  // When a field expires; the infinite future if never. nullopt if it is absent.
  [[nodiscard]] std::optional<absl::Time> Due(std::string_view field) const;
  // Lets a field that is there expire at `due`, which is still to come; the infinite future: never.
  void Expire(std::string_view field, absl::Time due);

  // Fields and values alternate; of a field that comes twice the last value counts. They expire no longer.
  // How many fields are new.
  uint64_t Set(std::span<const std::string_view> fields_and_values);
  // A new value for a field, there or not, that keeps its time.
  void Update(std::string_view field, std::string_view value);
  // How many there were. The key goes with its last field.
  uint64_t Remove(std::span<const std::string_view> fields);

 private:
  bool SetOne(std::string_view field, std::string_view value);
  // Some of its fields expire.
  [[nodiscard]] bool timed() const { return elements_.fields_due() != absl::InfiniteFuture(); }
  [[nodiscard]] FieldTimes times() const { return {keyspace_.transaction(), elements_.id()}; }
  void ForgetTime(std::string_view field);
  void RemoveDue(uint64_t most);

  Keyspace& keyspace_;
  std::string_view key_;
  ElementMap elements_;
};

}  // namespace holdfast::storage
