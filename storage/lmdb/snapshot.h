#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/lmdb/environment.h"
#include "storage/tree.h"

namespace holdfast::storage::lmdb {

// A read transaction on the data file. Verifies the checksum of every entry it hands out.
class LmdbSnapshot final : public Snapshot {
 public:
  // `environment` is the tree's, which may replace it while this is dropped.
  explicit LmdbSnapshot(const std::unique_ptr<Environment>& environment) : environment_(environment) {}
  // Reads the state that `transaction` holds.
  LmdbSnapshot(const std::unique_ptr<Environment>& environment, TransactionHandle transaction)
      : environment_(environment), transaction_(std::move(transaction)) {}

  [[nodiscard]] absl::Status Renew() override;
  void Drop() override;
  [[nodiscard]] absl::Status TakeFault() override;

  [[nodiscard]] std::optional<std::string_view> Get(std::string_view key) override;
  [[nodiscard]] std::unique_ptr<Cursor> NewCursor() override;
  void Release() override { buffers_.clear(); }
  [[nodiscard]] const absl::Status& fault() const override {
    return unavailable_.ok() ? damage_ : unavailable_;
  }

 private:
  const std::unique_ptr<Environment>& environment_;
  TransactionHandle transaction_;  // null while dropped
  std::deque<std::string> buffers_;
  absl::Status unavailable_;
  absl::Status damage_;  // the first since TakeFault
};

}  // namespace holdfast::storage::lmdb
