#include "storage/lmdb/held_state.h"

#include <utility>

#include "storage/lmdb/environment.h"
#include "storage/lmdb/snapshot.h"
#include "storage/lmdb/status.h"

namespace holdfast::storage::lmdb {
namespace {

class LmdbHeldState final : public HeldState {
 public:
  LmdbHeldState(std::unique_ptr<Environment> environment, TransactionHandle transaction)
      : environment_(std::move(environment)),
        transaction_(std::move(transaction)),
        number_(mdb_txn_id(transaction_.get())) {}

  uint64_t transaction() const override { return number_; }

  absl::StatusOr<std::unique_ptr<Snapshot>> OpenMap() override {
    if (absl::Status status = environment_->OpenTables(transaction_.get()); !status.ok()) return status;
    return std::make_unique<LmdbSnapshot>(environment_, std::move(transaction_));
  }

 private:
  const std::unique_ptr<Environment> environment_;
  TransactionHandle transaction_;  // the map's once that is open
  const uint64_t number_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HeldState>> HeldState::Open(const std::string& folder) {
  absl::StatusOr<std::unique_ptr<Environment>> environment = Environment::OpenToRead(folder);
  if (!environment.ok()) return environment.status();
  MDB_txn* transaction = nullptr;
  const int result = mdb_txn_begin((*environment)->handle(), nullptr, MDB_RDONLY, &transaction);
  if (result != MDB_SUCCESS) return ToStatus(result, "begin reading");
  return std::make_unique<LmdbHeldState>(*std::move(environment), TransactionHandle(transaction));
}

}  // namespace holdfast::storage::lmdb
