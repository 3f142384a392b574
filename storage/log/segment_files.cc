#include "storage/log/segment_files.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace holdfast::storage::log {
namespace {

constexpr size_t kDigits = 20;

std::string_view EndingOf(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kLive:
      return ".log";
    case SegmentKind::kSpare:
      return ".spare";
    case SegmentKind::kUnfinished:
      return ".new";
  }
  return "";
}

absl::Status ZeroFilled(Env& env, const std::string& path, uint64_t bytes) {
  auto file = env.Open(path, OpenMode::kCreate, WriteMode::kBuffered);
  if (!file.ok()) return file.status();
  if (auto status = (*file)->ZeroFill(bytes); !status.ok()) return status;
  return (*file)->Sync();
}

}  // namespace

std::string FileName(SegmentName name) {
  return absl::StrFormat("%0*d%s", kDigits, name.number, EndingOf(name.kind));
}

std::optional<SegmentName> ParseFileName(std::string_view name) {
  if (name.size() <= kDigits) return std::nullopt;
  uint64_t number = 0;
  if (!absl::SimpleAtoi(std::string(name.substr(0, kDigits)), &number)) return std::nullopt;
  for (const auto kind : {SegmentKind::kLive, SegmentKind::kSpare, SegmentKind::kUnfinished}) {
    const SegmentName parsed{kind, number};
    if (FileName(parsed) == name) return parsed;
  }
  return std::nullopt;
}

std::string PathOf(const std::string& folder, SegmentName name) { return folder + "/" + FileName(name); }

absl::StatusOr<std::unique_ptr<File>> OpenForReading(Env& env, const std::string& path) {
  auto file = env.Open(path, OpenMode::kRead, WriteMode::kDirect);
  if (!absl::IsUnimplemented(file.status())) return file;
  return env.Open(path, OpenMode::kRead, WriteMode::kBuffered);
}

absl::Status MakeSpare(Env& env, const std::string& folder, uint64_t number, uint64_t bytes) {
  const std::string unfinished = PathOf(folder, {SegmentKind::kUnfinished, number});
  auto status = ZeroFilled(env, unfinished, bytes);
  if (status.ok()) status = env.Rename(unfinished, PathOf(folder, {SegmentKind::kSpare, number}));
  if (!status.ok()) env.Remove(unfinished).IgnoreError();
  return status;
}

}  // namespace holdfast::storage::log
