#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "storage/lmdb/lmdb_tree.h"
#include "storage/view.h"
#include "tests/fakes/temporary_folder.h"

namespace holdfast::storage {

// A view over a real LMDB file, checkpointed when a test says so. Between Freeze and Apply reads go through
// all three layers. Both end the turn: clear the transaction first.
class Layers {
 public:
  [[nodiscard]] View& view() { return view_; }

  void Freeze() { frozen_ = view_.Freeze(); }

  void Apply() {
    std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
    for (const auto& [key, slot] : frozen_->map()) {
      if (slot.kind == Memtable::Kind::kDelete) {
        writer->Delete(key);
      } else {
        writer->Put(key, slot.value);
      }
    }
    ASSERT_TRUE(writer->Commit().ok());
    ASSERT_TRUE(snapshot_->Renew().ok());
    view_.Rebase(snapshot_.get());
    frozen_ = nullptr;
  }

  [[nodiscard]] bool frozen() const { return frozen_ != nullptr; }

 private:
  fakes::TemporaryFolder folder_;
  std::unique_ptr<Tree> tree_ = *lmdb::OpenTree(folder_.path(), uint64_t{64} << 20);
  std::unique_ptr<Snapshot> snapshot_ = *tree_->NewSnapshot();
  View view_{snapshot_.get()};
  std::shared_ptr<const Memtable> frozen_;
};

}  // namespace holdfast::storage
