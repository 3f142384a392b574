#include "tests/fakes/fake_disk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace holdfast::fakes {
namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

absl::Status Missing(const std::string& path) {
  return absl::NotFoundError(absl::StrCat("open ", path, ": No such file or directory"));
}

bool Toss(std::mt19937_64& random) { return (random() & 1) != 0; }

}  // namespace

void FakeDisk::Apply(const Change& change, Tree& tree) {
  if (change.inode == nullptr) {
    tree.folders.insert(change.to);
    return;
  }
  if (!change.from.empty()) {
    const auto old = tree.files.find(change.from);
    if (old == tree.files.end() || old->second != change.inode) return;
    tree.files.erase(old);
  }
  if (!change.to.empty()) tree.files[change.to] = change.inode;
}

void FakeDisk::Note(Change change) {
  Apply(change, current_);
  pending_.push_back(std::move(change));
}

absl::StatusOr<FakeDisk::InodePointer> FakeDisk::Open(const std::string& path, storage::OpenMode mode) {
  const auto found = current_.files.find(path);
  if (mode != storage::OpenMode::kCreate) {
    if (found == current_.files.end()) return Missing(path);
    return found->second;
  }
  if (found != current_.files.end()) {
    return absl::AlreadyExistsError(absl::StrCat("open ", path, ": File exists"));
  }
  if (!current_.folders.contains(FolderOf(path))) return Missing(path);
  auto inode = std::make_shared<Inode>();
  Note({.folder = FolderOf(path), .from = "", .to = path, .inode = inode});
  return inode;
}

absl::Status FakeDisk::Rename(const std::string& from, const std::string& to) {
  const auto found = current_.files.find(from);
  if (found == current_.files.end()) return Missing(from);
  Note({.folder = FolderOf(to), .from = from, .to = to, .inode = found->second});
  return absl::OkStatus();
}

absl::Status FakeDisk::Remove(const std::string& path) {
  const auto found = current_.files.find(path);
  if (found == current_.files.end()) return Missing(path);
  Note({.folder = FolderOf(path), .from = path, .to = "", .inode = found->second});
  return absl::OkStatus();
}

absl::Status FakeDisk::CreateFolder(const std::string& path) {
  if (current_.folders.contains(path)) return absl::OkStatus();
  Note({.folder = FolderOf(path), .from = "", .to = path, .inode = nullptr});
  return absl::OkStatus();
}

bool FakeDisk::Exists(const std::string& path) const {
  return current_.files.contains(path) || current_.folders.contains(path);
}

absl::StatusOr<std::vector<std::string>> FakeDisk::List(const std::string& folder) const {
  if (!current_.folders.contains(folder)) return Missing(folder);
  std::vector<std::string> names;
  const auto add = [&](const std::string& path) {
    if (path != folder && FolderOf(path) == folder) names.push_back(path.substr(path.rfind('/') + 1));
  };
  for (const auto& [path, inode] : current_.files) add(path);
  for (const auto& path : current_.folders) add(path);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status FakeDisk::SyncFolder(const std::string& folder) {
  std::vector<Change> others;
  for (auto& change : pending_) {
    if (change.folder == folder) {
      Apply(change, durable_);
    } else {
      others.push_back(std::move(change));
    }
  }
  pending_ = std::move(others);
  return absl::OkStatus();
}

absl::Status FakeDisk::CheckGrowth(const Inode& inode, uint64_t bytes) const {
  if (bytes <= inode.current.size() || used_bytes() + bytes - inode.current.size() <= capacity_) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError("write: No space left on device");
}

// Copies a sector from what is read to what is durable.
void FakeDisk::PutSector(Inode& inode, uint64_t sector) {
  const size_t from = sector * kSector;
  if (from >= inode.current.size()) return;
  const size_t size = std::min(kSector, inode.current.size() - from);
  if (inode.durable.size() < from + size) inode.durable.resize(from + size, '\0');
  inode.durable.replace(from, size, inode.current, from, size);
}

absl::Status FakeDisk::Write(Inode& inode, uint64_t offset, std::string_view bytes, storage::WriteMode mode) {
  if (auto status = CheckGrowth(inode, offset + bytes.size()); !status.ok()) return status;
  if (inode.current.size() < offset + bytes.size()) inode.current.resize(offset + bytes.size(), '\0');
  inode.current.replace(offset, bytes.size(), bytes);
  for (uint64_t sector = offset / kSector; sector * kSector < offset + bytes.size(); ++sector) {
    inode.doomed.erase(sector);
    if (mode == storage::WriteMode::kDirect) {
      PutSector(inode, sector);
      inode.dirty.erase(sector);
    } else {
      inode.dirty.insert(sector);
    }
  }
  return absl::OkStatus();
}

void FakeDisk::TearWrite(Inode& inode, uint64_t offset, std::string_view bytes, storage::WriteMode mode,
                         std::mt19937_64& random) {
  while (!bytes.empty()) {
    const size_t size = std::min(bytes.size(), kSector - offset % kSector);
    if (Toss(random)) Write(inode, offset, bytes.substr(0, size), mode).IgnoreError();
    bytes.remove_prefix(size);
    offset += size;
  }
}

std::string FakeDisk::DirectView(const Inode& inode) {
  std::string bytes = inode.current;
  for (const uint64_t sector : inode.doomed) {
    const size_t from = sector * kSector;
    if (from >= bytes.size()) continue;
    const size_t size = std::min(kSector, bytes.size() - from);
    std::string old = from < inode.durable.size() ? inode.durable.substr(from, size) : "";
    old.resize(size, '\0');
    bytes.replace(from, size, old);
  }
  return bytes;
}

absl::Status FakeDisk::Resize(Inode& inode, uint64_t bytes) {
  if (auto status = CheckGrowth(inode, bytes); !status.ok()) return status;
  const uint64_t old_bytes = inode.current.size();
  inode.current.resize(bytes, '\0');
  for (uint64_t sector = old_bytes / kSector; sector * kSector < bytes; ++sector) inode.dirty.insert(sector);
  return absl::OkStatus();
}

void FakeDisk::Sync(Inode& inode) {
  for (const uint64_t sector : inode.dirty) PutSector(inode, sector);
  inode.dirty.clear();
  if (inode.durable.size() > inode.current.size()) inode.durable.resize(inode.current.size());
}

void FakeDisk::FailSync(Inode& inode) {
  inode.doomed.insert(inode.dirty.begin(), inode.dirty.end());
  inode.dirty.clear();
}

void FakeDisk::CrashInode(Inode& inode, std::mt19937_64& random) {
  for (const uint64_t sector : inode.dirty) {
    if (Toss(random)) PutSector(inode, sector);
  }
  for (const uint64_t sector : inode.doomed) {
    if (Toss(random)) PutSector(inode, sector);
  }
  inode.dirty.clear();
  inode.doomed.clear();
  inode.current = inode.durable;
}

void FakeDisk::Crash(std::mt19937_64& random) {
  const bool journaled = Toss(random);
  size_t kept_in_order = random() % (pending_.size() + 1);
  for (const Change& change : pending_) {
    const bool kept = journaled ? kept_in_order > 0 : Toss(random);
    if (kept) Apply(change, durable_);
    if (kept_in_order > 0) --kept_in_order;
  }
  pending_.clear();
  std::erase_if(durable_.files,
                [&](const auto& file) { return !durable_.folders.contains(FolderOf(file.first)); });
  current_ = durable_;
  for (const auto& [path, inode] : current_.files) CrashInode(*inode, random);
}

uint64_t FakeDisk::used_bytes() const {
  uint64_t sum = 0;
  for (const auto& [path, inode] : current_.files) sum += inode->current.size();
  return sum;
}

}  // namespace holdfast::fakes
