#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/env.h"
#include "storage/pages/page.h"

namespace holdfast::storage::pages {

// A data file read page by page, without LMDB and without mapping it: whatever stands in it, reading is safe.
// A running server may write beside it; only the pages of a state that a reader of LMDB holds stay as they
// are then (storage/lmdb/reading.h). One thread.
class PageFile {
 public:
  // Reads the meta pages. Fails only where the file cannot be read: damage is in metas() and faults().
  static absl::StatusOr<std::unique_ptr<PageFile>> Open(Env& env, const std::string& path);

  // Reads the meta pages again.
  [[nodiscard]] absl::Status ReadMetas();
  // Meta page `number`, 0 or 1; nullopt if it is damaged: then fault(number) says how.
  [[nodiscard]] const std::optional<Meta>& meta(PageNumber number) const { return metas_[number]; }
  [[nodiscard]] const PageFault& fault(PageNumber number) const { return faults_[number]; }
  // The one that LMDB goes by: of the newer transaction. nullopt if both are damaged.
  [[nodiscard]] std::optional<Meta> newest() const;

  // `count` pages from `first` on; kDataLoss where the file ends before.
  [[nodiscard]] absl::Status Read(PageNumber first, uint64_t count, std::string& into);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] uint32_t page_bytes() const { return page_bytes_; }
  [[nodiscard]] uint64_t file_bytes() const { return file_bytes_; }

 private:
  PageFile(std::string path, std::unique_ptr<File> file) : path_(std::move(path)), file_(std::move(file)) {}
  [[nodiscard]] absl::Status ReadMeta(PageNumber number, uint64_t offset);

  const std::string path_;
  const std::unique_ptr<File> file_;
  uint64_t file_bytes_ = 0;
  uint32_t page_bytes_;
  std::array<std::optional<Meta>, kMetaPages> metas_;
  std::array<PageFault, kMetaPages> faults_;
};

}  // namespace holdfast::storage::pages
