#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "storage/keyspace.h"

namespace holdfast::storage {

// The string at one key, looked up once. The whole value stands inside the keyspace entry, so every change
// writes all of it.
//
//   String string(keyspace, "stat:processed");
//   if (string.wrong_type()) ...
//   string.Write("42");
//
// Set, Expire, Remove, occupied() and expires() are for a key of any type; the other verbs need that
// wrong_type() is false. Lengths are the caller's to bound. One String per key at a time.
class String {
 public:
  String(Keyspace& keyspace, std::string_view key) : keyspace_(keyspace), slot_(keyspace.Look(key)) {}

  // The key holds something else.
  [[nodiscard]] bool wrong_type() const { return slot_.entry && slot_.entry->type != ValueType::kString; }
  // The key holds something, a string or not.
  [[nodiscard]] bool occupied() const { return slot_.entry.has_value(); }
  // Empty if the key is absent. Lives as the views of Transaction::Get do.
  [[nodiscard]] std::string_view value() const {
    return slot_.entry ? slot_.entry->value : std::string_view();
  }
  // The infinite future if the key never expires or is absent.
  [[nodiscard]] absl::Time expires() const {
    return slot_.entry ? slot_.entry->expires : absl::InfiniteFuture();
  }

  // Replaces whatever the key holds. A time that is past deletes the key.
  void Set(std::string_view value, absl::Time expires = absl::InfiniteFuture(),
           StringForm form = StringForm::kPlain);
  // New bytes for the string; its expiry stays.
  void Write(std::string_view value, StringForm form = StringForm::kPlain) { Set(value, expires(), form); }
  // To an absent key it is Write.
  void Append(std::string_view suffix);
  // Writes `bytes` at `offset`, with zero bytes up to there if the string is shorter.
  void SetRange(uint64_t offset, std::string_view bytes);

  // Changes the expiry of a key that is there. A time that is past deletes the key.
  void Expire(absl::Time expires);
  void Remove() { keyspace_.Remove(slot_); }

 private:
  Keyspace& keyspace_;
  Slot slot_;
};

}  // namespace holdfast::storage
