#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/entry.h"
#include "storage/handed_out.h"
#include "storage/keyspace.h"
#include "storage/kv.h"
#include "storage/store.h"

namespace holdfast::storage::salvage {

// Where a value goes.
struct Target {
  int database = 0;
  std::string key;
};

// Makes one value after the other anew in a store, in turns of bounded size.
class Values {
 public:
  // Both outlive it. The store is this one's alone.
  Values(Reader& map, Store& store) : map_(map), store_(store) {}

  // Reads the elements of `entry` from the map, whatever it counts, and makes the value at `target`, which
  // must be absent. How many elements there were (1 for a string); with none, no key is made.
  uint64_t Make(const Target& target, const Entry& entry);
  void MakeLibrary(std::string_view name, std::string_view code);
  // What is handed out (hand_over_book.h) stands outside of the ends of its list: Make leaves it out, and
  // PutBack brings it back. Called before the first Make.
  void SetAside(const HandedOut& element) { set_aside_.insert(element.place); }
  void PutBack(int database, const HandedOut& element);
  // A row of the table of loans, as it is.
  void MakeLoans(std::string_view key, std::string_view turn);
  // OK, or why the store takes no more.
  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  using Visit = absl::FunctionRef<void(std::string_view rest, std::string_view value)>;
  using Change = absl::FunctionRef<void(Keyspace& keyspace)>;

  uint64_t MakeList(const Target& target, const Entry& entry);
  uint64_t MakeNamed(const Target& target, const Entry& entry);
  uint64_t MakeSortedSet(const Target& target, const Entry& entry);
  uint64_t MakeStream(const Target& target, const Entry& entry);
  void MakeGroup(const Target& target, const Entry& entry, std::string_view name, std::string_view stored);
  void Expire(const Target& target, absl::Time expires);

  void Walk(const std::string& prefix, Visit visit);
  // When fields of a hash expire.
  void MakeDues(const Target& target, const Entry& entry);
  // One turn.
  void Turn(int database, Change change);

  Reader& map_;
  Store& store_;
  std::set<HandedOut::Place> set_aside_;
  absl::Status status_;
};

}  // namespace holdfast::storage::salvage
