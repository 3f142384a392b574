#include "storage/lmdb/environment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "storage/lmdb/status.h"

namespace holdfast::storage::lmdb {
namespace {

constexpr MDB_dbi kFreeList = 0;  // LMDB's own table of free pages

// Readahead stays on: a backlog is drained in key order, and checkpoints laid it down in that order.
constexpr unsigned kFlags = MDB_NOTLS;

// More than a running server adds to a file between two looks at it.
constexpr uint64_t kRoomToGrow = uint64_t{1} << 30;

// Less than any file system gives up at once.
constexpr uint64_t kFullDiskBytes = 1 << 20;

// Whether the file cannot grow for want of space, as a user's quota would have it too.
bool IsFull(int descriptor) {
  struct statvfs disk {};
  if (::fstatvfs(descriptor, &disk) == 0 && uint64_t{disk.f_bavail} * disk.f_frsize < kFullDiskBytes) {
    return true;
  }
  // What the question takes, the file's next growth uses.
  struct stat file {};
  if (::fstat(descriptor, &file) != 0) return false;
  return ::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, file.st_size, kFullDiskBytes) != 0 &&
         (errno == ENOSPC || errno == EDQUOT || errno == EFBIG);
}

// The pages that the free list names.
uint64_t CountFreePages(MDB_txn* transaction) {
  MDB_cursor* opened = nullptr;
  if (mdb_cursor_open(transaction, kFreeList, &opened) != MDB_SUCCESS) return 0;
  const CursorHandle cursor(opened);
  uint64_t pages = 0;
  MDB_val key;
  MDB_val list;
  while (mdb_cursor_get(cursor.get(), &key, &list, MDB_NEXT) == MDB_SUCCESS) {
    size_t length = 0;  // a list begins with its length
    if (list.mv_size >= sizeof(length)) std::memcpy(&length, list.mv_data, sizeof(length));
    pages += length;
  }
  return pages;
}

}  // namespace

int OpenTablesIn(MDB_txn* transaction, unsigned flags, Tables& tables) {
  const int result = mdb_dbi_open(transaction, kEntriesName, flags, &tables.entries);
  return result != MDB_SUCCESS ? result : mdb_dbi_open(transaction, kChunksName, flags, &tables.chunks);
}

absl::StatusOr<std::unique_ptr<Environment>> Environment::Open(const std::string& folder,
                                                               uint64_t map_bytes) {
  MDB_env* handle = nullptr;
  if (const int result = mdb_env_create(&handle); result != MDB_SUCCESS) {
    return ToStatus(result, "mdb_env_create");
  }
  auto environment = std::unique_ptr<Environment>(new Environment(handle));
  int result = mdb_env_set_mapsize(handle, map_bytes);
  if (result == MDB_SUCCESS) result = mdb_env_set_maxdbs(handle, kTableCount);
  if (result == MDB_SUCCESS) result = mdb_env_open(handle, folder.c_str(), kFlags, kPermissions);
  if (result != MDB_SUCCESS) return ToStatus(result, "open " + folder + "/data.mdb");
  if (absl::Status status = environment->MakeWhole(); !status.ok()) return status;
  int dead_readers = 0;
  mdb_reader_check(handle, &dead_readers);
  if (absl::Status status = environment->OpenTables(); !status.ok()) return status;
  return environment;
}

absl::StatusOr<std::unique_ptr<Environment>> Environment::OpenToRead(const std::string& folder) {
  MDB_env* handle = nullptr;
  if (const int result = mdb_env_create(&handle); result != MDB_SUCCESS) {
    return ToStatus(result, "mdb_env_create");
  }
  auto environment = std::unique_ptr<Environment>(new Environment(handle));
  // Not the size that the file names, which may be damaged.
  std::error_code unknown;
  const uint64_t file_bytes = std::filesystem::file_size(folder + "/data.mdb", unknown);
  if (unknown) return ToStatus(unknown.value(), "inspect " + folder + "/data.mdb");
  int result = mdb_env_set_mapsize(handle, file_bytes + kRoomToGrow);
  if (result == MDB_SUCCESS) result = mdb_env_set_maxdbs(handle, kTableCount);
  if (result == MDB_SUCCESS) {
    result = mdb_env_open(handle, folder.c_str(), kFlags | MDB_RDONLY, kPermissions);
  }
  if (result != MDB_SUCCESS) return ToStatus(result, "open " + folder + "/data.mdb for reading");
  return environment;
}

absl::Status Environment::OpenTables(MDB_txn* reading) {
  return ToStatus(OpenTablesIn(reading, 0, tables_), "open tables");
}

Environment::~Environment() { mdb_env_close(handle_); }

absl::Status Environment::MakeWhole() {
  MDB_envinfo info;
  MDB_stat stat;
  int file = -1;
  struct stat state {};
  int result = mdb_env_info(handle_, &info);
  if (result == MDB_SUCCESS) result = mdb_env_stat(handle_, &stat);
  if (result == MDB_SUCCESS) result = mdb_env_get_fd(handle_, &file);
  if (result != MDB_SUCCESS) return ToStatus(result, "inspect data.mdb");
  const auto whole = static_cast<off_t>((info.me_last_pgno + 1) * stat.ms_psize);
  if (fstat(file, &state) != 0) return ToStatus(errno, "inspect data.mdb");
  if (state.st_size >= whole || ftruncate(file, whole) == 0) return absl::OkStatus();
  return ToStatus(errno, "extend data.mdb");
}

absl::Status Environment::OpenTables() {
  MDB_txn* transaction = nullptr;
  int result = mdb_txn_begin(handle_, nullptr, MDB_RDONLY, &transaction);
  if (result != MDB_SUCCESS) return ToStatus(result, "begin");
  result = OpenTablesIn(transaction, 0, tables_);
  if (result == MDB_SUCCESS) return ToStatus(mdb_txn_commit(transaction), "open tables");
  mdb_txn_abort(transaction);
  if (result != MDB_NOTFOUND) return ToStatus(result, "open tables");
  // A new file.
  result = mdb_txn_begin(handle_, nullptr, 0, &transaction);
  if (result != MDB_SUCCESS) return ToStatus(result, "begin");
  result = OpenTablesIn(transaction, MDB_CREATE, tables_);
  if (result == MDB_SUCCESS) return ToStatus(mdb_txn_commit(transaction), "create tables");
  mdb_txn_abort(transaction);
  return ToStatus(result, "create tables");
}

absl::Status Environment::CommitStatus(int result) const {
  int descriptor = -1;
  const bool full =
      result == EIO && mdb_env_get_fd(handle_, &descriptor) == MDB_SUCCESS && IsFull(descriptor);
  return ToStatus(full ? ENOSPC : result, "commit");
}

TreeFacts Environment::Measure() const {
  TreeFacts facts;
  int descriptor = -1;
  struct stat file {};
  if (mdb_env_get_fd(handle_, &descriptor) == MDB_SUCCESS && ::fstat(descriptor, &file) == 0) {
    facts.file_bytes = static_cast<uint64_t>(file.st_size);
  }
  MDB_txn* transaction = nullptr;
  if (mdb_txn_begin(handle_, nullptr, MDB_RDONLY, &transaction) != MDB_SUCCESS) return facts;
  const TransactionHandle scope(transaction);
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(handle_, &info);
  mdb_env_stat(handle_, &stat);
  const uint64_t pages = info.me_last_pgno + 1;
  facts.used_bytes = (pages - std::min(pages, CountFreePages(transaction))) * stat.ms_psize;
  return facts;
}

}  // namespace holdfast::storage::lmdb
