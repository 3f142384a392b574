#include "storage/whole_file.h"

namespace holdfast::storage {

absl::StatusOr<std::string> ReadWholeFile(Env& env, const std::string& path) {
  auto file = env.Open(path, OpenMode::kRead, WriteMode::kBuffered);
  if (!file.ok()) return file.status();
  const absl::StatusOr<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  std::string bytes(*size, '\0');
  const absl::StatusOr<size_t> read = (*file)->Read(0, absl::MakeSpan(bytes));
  if (!read.ok()) return read.status();
  bytes.resize(*read);
  return bytes;
}

absl::Status ReplaceWholeFile(Env& env, const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".tmp";
  // One that an earlier attempt left over.
  (void)env.Remove(beside);
  auto file = env.Open(beside, OpenMode::kCreate, WriteMode::kBuffered);
  if (!file.ok()) return file.status();
  if (const absl::Status written = (*file)->Write(0, bytes); !written.ok()) return written;
  if (const absl::Status synced = (*file)->Sync(); !synced.ok()) return synced;
  if (const absl::Status renamed = env.Rename(beside, path); !renamed.ok()) return renamed;
  const size_t slash = path.rfind('/');
  return env.SyncFolder(slash == std::string::npos ? "." : path.substr(0, slash + 1));
}

}  // namespace holdfast::storage
