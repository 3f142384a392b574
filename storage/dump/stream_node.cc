#include "storage/dump/stream_node.h"

#include <utility>

namespace holdfast::storage::dump {
namespace {

constexpr int64_t kDeleted = 1;
constexpr int64_t kSameNames = 2;
constexpr int64_t kFixedWords = 3;  // flags, ms, sequence
// A listpack has 32 bits for its length.
constexpr int64_t kMostThings = UINT32_MAX;

class NodeReader {
 public:
  NodeReader(std::string_view node, Texts& texts) : listpack_(node), texts_(texts) {}

  int64_t Number() {
    const std::optional<ListpackEntry> entry = listpack_.Next();
    if (!entry || !entry->number) ok_ = false;
    return ok_ ? *entry->number : 0;
  }
  // A number of things that follow.
  int64_t Count() {
    const int64_t count = Number();
    if (count < 0 || count > kMostThings) ok_ = false;
    return ok_ ? count : 0;
  }
  std::string_view Text() {
    const std::optional<ListpackEntry> entry = listpack_.Next();
    if (!entry) ok_ = false;
    if (!ok_) return {};
    return entry->number ? texts_.Element(*entry->number) : texts_.Element(entry->text);
  }
  void Expect(bool what) { ok_ = ok_ && what; }
  // Both that something may follow, and that it was sound so far.
  [[nodiscard]] bool going_on() const { return ok_ && listpack_.ok() && !texts_.full(); }
  [[nodiscard]] bool AtEnd() { return ok_ && !listpack_.Next() && listpack_.ok(); }

 private:
  ListpackReader listpack_;
  Texts& texts_;
  bool ok_ = true;
};

std::vector<std::string_view> ReadNames(NodeReader& reader, int64_t count) {
  std::vector<std::string_view> names;
  for (int64_t i = 0; i < count && reader.going_on(); ++i) names.push_back(reader.Text());
  return names;
}

struct Read {
  StreamEntry entry;
  bool deleted = false;
};

Read ReadEntry(NodeReader& reader, const StreamId& base, const std::vector<std::string_view>& shared,
               Texts& texts) {
  Read read;
  texts.Element("");
  const int64_t flags = reader.Number();
  read.deleted = (flags & kDeleted) != 0;
  read.entry.id.ms = base.ms + static_cast<uint64_t>(reader.Number());
  read.entry.id.sequence = base.sequence + static_cast<uint64_t>(reader.Number());
  const bool same = (flags & kSameNames) != 0;
  const int64_t fields = same ? static_cast<int64_t>(shared.size()) : reader.Count();
  for (int64_t i = 0; i < fields && reader.going_on(); ++i) {
    read.entry.fields.push_back(same ? texts.Element(shared[static_cast<size_t>(i)]) : reader.Text());
    read.entry.fields.push_back(reader.Text());
  }
  reader.Expect(fields > 0);
  reader.Expect(reader.Number() == kFixedWords + fields + (same ? 0 : fields + 1));
  return read;
}

}  // namespace

bool ReadStreamNode(const StreamId& id, std::string_view node, Texts& texts,
                    std::vector<StreamEntry>& entries) {
  NodeReader reader(node, texts);
  const int64_t live = reader.Count();
  const int64_t deleted = reader.Count();
  const std::vector<std::string_view> names = ReadNames(reader, reader.Count());
  reader.Expect(reader.Number() == 0);
  const uint64_t total = static_cast<uint64_t>(live) + static_cast<uint64_t>(deleted);
  StreamId before = entries.empty() ? StreamId{} : entries.back().id;
  for (uint64_t i = 0; i < total && reader.going_on(); ++i) {
    Read read = ReadEntry(reader, id, names, texts);
    if (read.deleted) continue;
    reader.Expect(before < read.entry.id);
    before = read.entry.id;
    entries.push_back(std::move(read.entry));
  }
  return texts.full() || reader.AtEnd();
}

bool StreamNodeWriter::HasNames(const StreamEntry& entry) const {
  if (entry.fields.size() != 2 * names_.size()) return false;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (entry.fields[2 * i] != names_[i]) return false;
  }
  return true;
}

void StreamNodeWriter::Add(const StreamEntry& entry) {
  if (empty()) {
    id_ = entry.id;
    names_.clear();
    for (size_t i = 0; i < entry.fields.size(); i += 2) names_.emplace_back(entry.fields[i]);
  }
  ++count_;
  const bool same = HasNames(entry);
  const auto fields = static_cast<int64_t>(entry.fields.size() / 2);
  entries_.AppendNumber(same ? kSameNames : 0);
  entries_.AppendNumber(static_cast<int64_t>(entry.id.ms - id_.ms));
  entries_.AppendNumber(static_cast<int64_t>(entry.id.sequence - id_.sequence));
  if (!same) entries_.AppendNumber(fields);
  for (size_t i = 0; i < entry.fields.size(); ++i) {
    if (!same || i % 2 != 0) entries_.Append(entry.fields[i]);
  }
  entries_.AppendNumber(kFixedWords + fields + (same ? 0 : fields + 1));
}

std::string StreamNodeWriter::Finish() {
  ListpackWriter node;
  node.AppendNumber(count_);
  node.AppendNumber(0);
  node.AppendNumber(static_cast<int64_t>(names_.size()));
  for (const std::string& name : names_) node.Append(name);
  node.AppendNumber(0);
  node.Append(entries_);
  entries_ = ListpackWriter();
  count_ = 0;
  return node.Finish();
}

}  // namespace holdfast::storage::dump
