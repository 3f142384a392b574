#include "storage/store.h"

#include "storage/check/file_check.h"
#include "storage/durable_store.h"
#include "storage/lmdb/lmdb_tree.h"
#include "storage/log/file_log.h"

namespace holdfast::storage {

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const StoreOptions& options, StoreListener& listener) {
  Env& env = options.env == nullptr ? PosixEnv() : *options.env;
  StoreParts parts;
  parts.open_tree = [&](const std::string& folder) -> absl::StatusOr<std::unique_ptr<Tree>> {
    absl::Status status = check::CheckStructure(env, folder + "/data.mdb", options.structure_check);
    if (!status.ok()) return status;
    return lmdb::OpenTree(folder, options.map_bytes);
  };
  parts.new_log = [&](const std::string& folder) {
    return std::make_unique<log::FileLog>(
        env, log::FileLogOptions{
                 .folder = folder, .durability = options.durability, .segment_bytes = options.segment_bytes});
  };
  return DurableStore::Open(options, parts, listener);
}

}  // namespace holdfast::storage
