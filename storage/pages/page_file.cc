#include "storage/pages/page_file.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace holdfast::storage::pages {
namespace {

// Where the first meta page does not say: what LMDB takes on nearly every machine.
constexpr uint32_t kUsualPage = 4096;

}  // namespace

absl::StatusOr<std::unique_ptr<PageFile>> PageFile::Open(Env& env, const std::string& path) {
  absl::StatusOr<std::unique_ptr<File>> file = env.Open(path, OpenMode::kRead, WriteMode::kBuffered);
  if (!file.ok()) return file.status();
  auto pages = std::unique_ptr<PageFile>(new PageFile(path, *std::move(file)));
  if (absl::Status status = pages->ReadMetas(); !status.ok()) return status;
  return pages;
}

absl::Status PageFile::ReadMetas() {
  const absl::StatusOr<uint64_t> bytes = file_->Size();
  if (!bytes.ok()) return bytes.status();
  file_bytes_ = *bytes;
  if (absl::Status status = ReadMeta(0, 0); !status.ok()) return status;
  page_bytes_ = metas_[0] ? metas_[0]->page_bytes : kUsualPage;
  return ReadMeta(1, page_bytes_);
}

absl::Status PageFile::ReadMeta(PageNumber number, uint64_t offset) {
  std::string page(kPageHeaderBytes + Meta::kStoredBytes, '\0');
  const absl::StatusOr<size_t> got = file_->Read(offset, absl::MakeSpan(page));
  if (!got.ok()) return got.status();
  page.resize(*got);
  metas_[number] = DecodeMeta(page, number, faults_[number]);
  return absl::OkStatus();
}

std::optional<Meta> PageFile::newest() const {
  if (!metas_[0] || (metas_[1] && metas_[1]->transaction > metas_[0]->transaction)) return metas_[1];
  return metas_[0];
}

absl::Status PageFile::Read(PageNumber first, uint64_t count, std::string& into) {
  if (first >= file_bytes_ / page_bytes_ || count > file_bytes_ / page_bytes_ - first) {
    return absl::DataLossError(
        absl::StrCat("the file ends at byte ", file_bytes_, ", before the end of page ", first + count - 1));
  }
  into.resize(count * page_bytes_);
  const absl::StatusOr<size_t> got = file_->Read(first * page_bytes_, absl::MakeSpan(into));
  if (!got.ok()) return got.status();
  if (*got < into.size()) return absl::DataLossError("the file was cut short while it was read");
  return absl::OkStatus();
}

}  // namespace holdfast::storage::pages
