#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/batch.h"
#include "storage/check/findings.h"
#include "storage/env.h"
#include "storage/lmdb/stored_value.h"
#include "storage/pages/page_walk.h"
#include "storage/tree.h"

namespace holdfast::storage::salvage {

// Gathers what is left of a damaged map in a tree of its own. Entries may come in any order; those of long
// values wait for their parts until Finish.
//
//   RawMap map(*tree);
//   map.ReadFile(env, "data/data.mdb", findings);
//   map.Apply(batch) ...
//   map.Finish()
class RawMap {
 public:
  // `tree` is empty and outlives this.
  explicit RawMap(Tree& tree) : tree_(tree) {}

  // Every sound entry that the file's trees lead to, then those in pages that nothing leads to. Puts the long
  // values together.
  void ReadFile(Env& env, const std::string& path, check::Findings& findings);
  // A log record's effects, over what is there.
  void Apply(const Batch& batch);
  // Everything is in the tree when it returns OK.
  [[nodiscard]] absl::Status Finish();

  [[nodiscard]] uint64_t entries() const { return entries_; }

 private:
  class Collector;

  void Take(std::string_view table, std::string_view key, std::string_view stored);
  void TakeLostPages(pages::PageFile& file, const pages::PageWalk& walk, uint64_t last_page,
                     check::Findings& findings);
  void TakeLostPage(pages::PageFile& file, pages::PageNumber number);
  [[nodiscard]] bool Has(std::string_view key);
  void JoinLongValues(check::Findings& findings);
  [[nodiscard]] bool Join(const lmdb::ChunkList& list, std::string& value);
  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  // The transaction under way; commits one that has grown. Null after an error.
  TreeWriter* writer();

  Tree& tree_;
  std::unique_ptr<TreeWriter> writer_;
  uint64_t uncommitted_bytes_ = 0;
  uint64_t entries_ = 0;
  absl::Status status_;
};

}  // namespace holdfast::storage::salvage
