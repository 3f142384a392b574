#include "storage/salvage/raw_map.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/check/file_check.h"
#include "storage/codec.h"

namespace holdfast::storage::salvage {
namespace {

constexpr uint64_t kCommitBytes = 32 << 20;
// What is not yet an entry stands under these, which begin no table's keys: parts of long values by the
// chunk's key, and where to find them by the entry's.
constexpr std::string_view kPart = "\1p";
constexpr std::string_view kLong = "\1l";
constexpr std::string_view kChunks = "chunks";
// A chunk's key begins with the upper byte of a number that is never so large; an entry's with a letter.
constexpr char kLowestTable = 'A';

}  // namespace

// Takes what a walk finds; it names its faults.
class RawMap::Collector final : public pages::WalkVisitor {
 public:
  Collector(RawMap& map, const std::string& path, check::Findings& findings)
      : map_(map), path_(path), findings_(findings) {}

  void OnEntry(std::string_view table, std::string_view key, std::string_view value,
               uint64_t offset) override {
    if (lmdb::ReadStored(key, value)) return map_.Take(table, key, value);
    findings_.Damage(Place(offset),
                     absl::StrCat("lost: the entry \"", absl::CEscape({key.data(), key.size()}), "\""));
  }
  void OnFault(uint64_t offset, const std::string& what) override { findings_.Damage(Place(offset), what); }

 private:
  std::string Place(uint64_t offset) const { return absl::StrCat(path_, ", byte ", offset); }

  RawMap& map_;
  const std::string& path_;
  check::Findings& findings_;
};

void RawMap::ReadFile(Env& env, const std::string& path, check::Findings& findings) {
  const absl::StatusOr<std::unique_ptr<pages::PageFile>> file = pages::PageFile::Open(env, path);
  if (!file.ok()) return findings.Damage(path, std::string(file.status().message()));
  check::CheckMetas(**file, findings);
  const std::optional<pages::Meta> meta = (*file)->newest();
  if (!meta) return findings.Damage(path, "nothing says where its trees begin: only the log is copied");
  Collector collector(*this, path, findings);
  pages::PageWalk walk(env, **file, *meta, collector);
  walk.Run(pages::WalkScope::kValues);
  if (walk.totals().faults > 0) TakeLostPages(**file, walk, meta->last_page, findings);
  JoinLongValues(findings);
}

void RawMap::TakeLostPages(pages::PageFile& file, const pages::PageWalk& walk, uint64_t last_page,
                           check::Findings& findings) {
  if (!walk.free_list_is_sound()) {
    findings.Note(file.path(), "the free list is damaged: pages that nothing leads to are left out",
                  "they may hold jobs that were deleted long ago");
  }
  const uint64_t before = entries_;
  for (const pages::PageNumber number : walk.damaged_pages()) TakeLostPage(file, number);
  for (pages::PageNumber number = pages::kMetaPages; number <= last_page && walk.free_list_is_sound();
       ++number) {
    if (!walk.is_free(number) && !walk.is_used(number)) TakeLostPage(file, number);
  }
  if (entries_ == before) return;
  findings.Note(file.path(),
                absl::StrCat(entries_ - before,
                             " entries were found in damaged pages and in those that "
                             "nothing leads to"),
                "they are copied");
}

// Only what is not there yet: what the trees lead to is newer than anything else.
void RawMap::TakeLostPage(pages::PageFile& file, pages::PageNumber number) {
  std::string page;
  std::string buffer;
  if (!file.Read(number, 1, page).ok()) return;
  for (const pages::Node& node : pages::NodesOfDamagedLeaf(page)) {
    std::string_view value = node.value;
    if (node.overflow != pages::kNoPage) {
      const uint64_t bytes = pages::kPageHeaderBytes + node.value_bytes;
      if (!file.Read(node.overflow, (bytes + file.page_bytes() - 1) / file.page_bytes(), buffer).ok())
        continue;
      value = std::string_view(buffer).substr(pages::kPageHeaderBytes, node.value_bytes);
    }
    if (node.is_tree || !lmdb::ReadStored(node.key, value) || Has(node.key)) continue;
    Take(node.key[0] < kLowestTable ? kChunks : "", node.key, value);
  }
}

bool RawMap::Has(std::string_view key) {
  TreeWriter* const tree = writer();
  if (tree == nullptr) return false;
  const auto first = tree->First(key);
  return first && first->first == key;
}

void RawMap::Take(std::string_view table, std::string_view key, std::string_view stored) {
  const lmdb::StoredValue value = *lmdb::ReadStored(key, stored);
  if (table == kChunks) return Put(std::string(kPart).append(key), value.rest);
  ++entries_;
  if (value.form == lmdb::Form::kWhole) return Put(key, value.rest);
  Put(std::string(kLong).append(key), value.rest);
}

void RawMap::JoinLongValues(check::Findings& findings) {
  while (TreeWriter* const tree = writer()) {
    const auto first = tree->First(kLong);
    if (!first) break;
    const std::string waiting(first->first);
    const std::string key = waiting.substr(kLong.size());
    const std::optional<lmdb::ChunkList> list = lmdb::DecodeChunkList(first->second);
    std::string value;
    if (list && Join(*list, value)) {
      Put(key, value);
    } else {
      --entries_;
      findings.Damage(absl::StrCat("entry \"", absl::CEscape(key), "\""),
                      "lost: parts of its long value are missing");
    }
    Delete(waiting);
  }
  if (TreeWriter* const tree = writer()) (void)tree->DeletePrefix(kPart, ~uint64_t{0});
}

bool RawMap::Join(const lmdb::ChunkList& list, std::string& value) {
  for (uint32_t number = 0; value.size() < list.value_bytes; ++number) {
    const auto part = writer_->First(std::string(kPart).append(lmdb::ChunkKey(list.id, number)));
    if (!part || part->second.empty()) return false;
    value.append(part->second);
  }
  return value.size() == list.value_bytes;
}

void RawMap::Apply(const Batch& batch) {
  for (const Effect& effect : batch.effects) {
    if (effect.kind == EffectKind::kPut) {
      Put(effect.key, effect.value);
    } else {
      Delete(effect.key);
    }
  }
}

TreeWriter* RawMap::writer() {
  if (writer_ != nullptr && uncommitted_bytes_ >= kCommitBytes) {
    status_.Update(writer_->Commit());
    writer_.reset();
  }
  if (!status_.ok()) return nullptr;
  if (writer_ == nullptr) {
    absl::StatusOr<std::unique_ptr<TreeWriter>> begun = tree_.NewWriter();
    status_.Update(begun.status());
    if (begun.ok()) writer_ = *std::move(begun);
    uncommitted_bytes_ = 0;
  }
  return writer_.get();
}

void RawMap::Put(std::string_view key, std::string_view value) {
  if (TreeWriter* const tree = writer()) tree->Put(key, value);
  uncommitted_bytes_ += key.size() + value.size();
}

void RawMap::Delete(std::string_view key) {
  if (TreeWriter* const tree = writer()) tree->Delete(key);
  uncommitted_bytes_ += key.size();
}

absl::Status RawMap::Finish() {
  if (writer_ != nullptr) status_.Update(writer_->Commit());
  writer_.reset();
  return status_;
}

}  // namespace holdfast::storage::salvage
