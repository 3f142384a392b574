#include "storage/check/file_check.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/codec.h"
#include "storage/lmdb/stored_value.h"
#include "storage/meta.h"
#include "storage/pages/page_walk.h"

namespace holdfast::storage::check {
namespace {

using pages::PageFile;
using pages::PageWalk;
using pages::WalkScope;

constexpr std::string_view kChunks = "chunks";
constexpr std::string_view kSalvage =
    "restore the data folder from a backup, or copy what is sound with \"holdfast-tool salvage\"";

std::string Place(const PageFile& file, uint64_t offset) {
  return absl::StrCat(file.path(), ", byte ", offset);
}

// Verifies each entry; long values by what their chunks add up to, which come before the entries.
class EntryCheck final : public pages::WalkVisitor {
 public:
  EntryCheck(const PageFile& file, Findings& findings, FileFacts& facts)
      : file_(file), findings_(findings), facts_(facts) {}

  void OnEntry(std::string_view table, std::string_view key, std::string_view value,
               uint64_t offset) override {
    const std::optional<lmdb::StoredValue> stored = lmdb::ReadStored(key, value);
    if (!stored) return Damaged(table, key, offset, "its checksum is wrong");
    ++facts_.sound_entries;
    if (table == kChunks) {
      TakeChunk(key, *stored, offset);
    } else if (stored->form == lmdb::Form::kChunked) {
      TakeChunked(table, key, stored->rest, offset);
    } else if (key == kPositionKey) {
      facts_.checkpoint = DecodePosition(stored->rest);
    }
  }
  void OnFault(uint64_t offset, const std::string& what) override {
    findings_.Damage(Place(file_, offset), what, std::string(kSalvage));
  }

  void NoteUnusedChunks() {
    if (chunks_.empty()) return;
    findings_.Note(file_.path(), absl::StrCat("parts of ", chunks_.size(), " long values that no key names"),
                   "they take space, nothing else; compact or ignore them");
  }

 private:
  struct Chunks {
    uint32_t count = 0;
    uint64_t bytes = 0;
    bool whole = true;
  };

  void TakeChunk(std::string_view key, const lmdb::StoredValue& stored, uint64_t offset) {
    constexpr size_t kKeyBytes = sizeof(uint64_t) + sizeof(uint32_t);
    if (key.size() != kKeyBytes || stored.form != lmdb::Form::kWhole) {
      return Damaged(kChunks, key, offset, "it is no part of a value");
    }
    Chunks& chunks = chunks_[ReadU64(key)];
    chunks.whole &= ReadU32(key.substr(sizeof(uint64_t))) == chunks.count;
    ++chunks.count;
    chunks.bytes += stored.rest.size();
  }

  void TakeChunked(std::string_view table, std::string_view key, std::string_view rest, uint64_t offset) {
    const std::optional<lmdb::ChunkList> list = lmdb::DecodeChunkList(rest);
    const auto found = list ? chunks_.find(list->id) : chunks_.end();
    const bool sound =
        found != chunks_.end() && found->second.whole && found->second.bytes == list->value_bytes;
    if (found != chunks_.end()) chunks_.erase(found);
    if (sound) return;
    --facts_.sound_entries;
    Damaged(table, key, offset, "parts of its long value are missing or damaged");
  }

  void Damaged(std::string_view table, std::string_view key, uint64_t offset, std::string_view what) {
    ++facts_.damaged_entries;
    const std::string escaped = absl::CEscape({key.data(), key.size()});
    findings_.Damage(
        Place(file_, offset),
        absl::StrCat("the entry \"", escaped, "\" of ", std::string(table), ": ", std::string(what)),
        "it reads as absent and is reported; " + std::string(kSalvage));
  }

  const PageFile& file_;
  Findings& findings_;
  FileFacts& facts_;
  absl::flat_hash_map<uint64_t, Chunks> chunks_;
};

// Only the first fault.
class FirstFault final : public pages::WalkVisitor {
 public:
  explicit FirstFault(const PageFile& file) : file_(file) {}
  void OnEntry(std::string_view, std::string_view, std::string_view, uint64_t) override {}
  void OnFault(uint64_t offset, const std::string& what) override {
    if (!status_.ok()) return;
    status_ = absl::DataLossError(absl::StrCat(
        "data file ", Place(file_, offset), ": ", what,
        ". Nothing was changed. \"holdfast-tool check\" names all damage; ", std::string(kSalvage)));
  }
  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  const PageFile& file_;
  absl::Status status_;
};

}  // namespace

bool CheckMetas(const PageFile& file, Findings& findings) {
  bool sound = true;
  for (const pages::PageNumber number : {0, 1}) {
    if (file.meta(number)) continue;
    sound = false;
    findings.Damage(Place(file, number * file.page_bytes() + file.fault(number).at),
                    absl::StrCat("meta page ", number, ": ", file.fault(number).what), std::string(kSalvage));
  }
  if (!sound) return false;
  const uint64_t first = file.meta(0)->transaction;
  const uint64_t second = file.meta(1)->transaction;
  if (std::max(first, second) - std::min(first, second) <= 1) return true;
  findings.Damage(Place(file, 0),
                  absl::StrCat("the meta pages are of the transactions ", first, " and ", second,
                               ", which do not follow each other"),
                  std::string(kSalvage));
  return false;
}

FileFacts CheckFile(Env& env, PageFile& file, const pages::Meta& meta, Findings& findings) {
  FileFacts facts;
  facts.file_bytes = file.file_bytes();
  facts.page_bytes = file.page_bytes();
  EntryCheck entries(file, findings, facts);
  PageWalk walk(env, file, meta, entries);
  walk.Run(WalkScope::kValues);
  facts.used_pages = walk.totals().used_pages();
  facts.free_pages = walk.totals().free_pages;
  facts.lost_pages = walk.totals().lost_pages;
  facts.structure_is_sound = walk.totals().faults == 0;
  if (facts.structure_is_sound) entries.NoteUnusedChunks();
  if (facts.lost_pages > 0) {
    findings.Note(file.path(), absl::StrCat(facts.lost_pages, " pages are neither used nor free"),
                  "they take space, nothing else; \"holdfast-tool compact\" gives it back");
  }
  return facts;
}

absl::Status CheckStructure(Env& env, const std::string& path, absl::Duration budget) {
  const absl::StatusOr<std::unique_ptr<PageFile>> file = PageFile::Open(env, path);
  if (absl::IsNotFound(file.status())) return absl::OkStatus();
  if (!file.ok()) return file.status();
  // LMDB makes a new file in two steps, and begins anew with an empty one.
  if ((*file)->file_bytes() == 0) return absl::OkStatus();
  FirstFault first(**file);
  Findings metas(
      [&](const Finding& finding) { first.OnFault(0, absl::StrCat(finding.where, ": ", finding.what)); });
  if (!CheckMetas(**file, metas)) return first.status();
  const absl::Duration start = env.Monotonic();
  const pages::Meta meta = *(*file)->newest();
  PageWalk above(env, **file, meta, first);
  above.Run(WalkScope::kBranches);
  const absl::Duration left = start + budget - env.Monotonic();
  if (!first.status().ok() || left <= absl::ZeroDuration()) return first.status();
  PageWalk all(env, **file, meta, first);
  all.Run(WalkScope::kPages, left);
  return first.status();
}

}  // namespace holdfast::storage::check
