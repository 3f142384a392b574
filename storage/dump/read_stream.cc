#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/dump/payload.h"
#include "storage/dump/stream_node.h"
#include "storage/dump/stream_payload.h"

namespace holdfast::storage::dump {
namespace {

using Group = StreamValue::Group;
using Pending = StreamValue::Pending;

constexpr size_t kNoConsumer = SIZE_MAX;
constexpr uint64_t kUnknown = UINT64_MAX;

class StreamReader {
 public:
  StreamReader(StreamForm form, ByteReader& reader, Texts& texts)
      : form_(form), reader_(reader), texts_(texts) {}

  void Read(StreamValue& stream) {
    uint64_t live = 0;
    Repeat([&] { live += ReadNode(stream); });
    if (ReadLength(reader_) != live) reader_.Fail();
    stream.last = ReadId();
    if (stream.last < last_entry_) reader_.Fail();
    stream.without_counts = form_ == StreamForm::kFirst;
    stream.added = live;
    if (!stream.without_counts) {
      (void)ReadId();  // the first entry's
      stream.max_deleted = ReadId();
      stream.added = ReadLength(reader_);
    }
    absl::flat_hash_set<std::string_view> names;
    Repeat([&] {
      stream.groups.push_back(ReadGroup());
      if (!names.insert(stream.groups.back().name).second) reader_.Fail();
    });
  }

 private:
  // Reads a count, and that many times something; each takes some bytes, so that it ends.
  template <typename Once>
  void Repeat(Once once) {
    const uint64_t times = ReadLength(reader_);
    for (uint64_t i = 0; i < times && reader_.ok() && !texts_.full(); ++i) once();
  }

  StreamId ReadId() {
    StreamId id;
    id.ms = ReadLength(reader_);
    id.sequence = ReadLength(reader_);
    return id;
  }

  static StreamId ReadBareId(ByteReader& reader) {
    StreamId id;
    id.ms = reader.BigEndian(sizeof id.ms);
    id.sequence = reader.BigEndian(sizeof id.sequence);
    return id;
  }

  int64_t ReadTime() { return reader_.SignedLittleEndian(sizeof(int64_t)); }

  // How many entries it has.
  uint64_t ReadNode(StreamValue& stream) {
    ByteReader id(ReadString(reader_, texts_));
    const StreamId base = ReadBareId(id);
    const std::string_view node = ReadString(reader_, texts_);
    std::vector<StreamEntry> entries;
    const bool sound = id.ok() && id.done() && reader_.ok() && ReadStreamNode(base, node, texts_, entries);
    if (!sound || (!entries.empty() && !(last_entry_ < entries.front().id))) reader_.Fail();
    if (entries.empty()) return 0;
    last_entry_ = entries.back().id;
    stream.nodes.push_back(std::move(entries));
    return stream.nodes.back().size();
  }

  Group ReadGroup() {
    Group group{texts_.Element(ReadString(reader_, texts_)), ReadId()};
    if (form_ != StreamForm::kFirst) {
      const uint64_t read = ReadLength(reader_);
      if (read != kUnknown) group.entries_read = read;
    }
    Repeat([&] { group.pending.push_back(ReadPending()); });
    std::sort(group.pending.begin(), group.pending.end(), ComesBefore);
    const auto twice = std::adjacent_find(group.pending.begin(), group.pending.end(),
                                          [](const Pending& a, const Pending& b) { return a.id == b.id; });
    if (twice != group.pending.end()) reader_.Fail();
    absl::flat_hash_set<std::string_view> names;
    Repeat([&] {
      ReadConsumer(group);
      if (!names.insert(group.consumers.back().name).second) reader_.Fail();
    });
    for (const Pending& pending : group.pending) {
      if (pending.consumer == kNoConsumer) reader_.Fail();
    }
    return group;
  }

  Pending ReadPending() {
    texts_.Element("");
    Pending pending{ReadBareId(reader_)};
    pending.time = ReadTime();
    pending.count = ReadLength(reader_);
    pending.consumer = kNoConsumer;
    return pending;
  }

  void ReadConsumer(Group& group) {
    StreamValue::Consumer consumer{texts_.Element(ReadString(reader_, texts_))};
    consumer.seen = ReadTime();
    consumer.active = form_ == StreamForm::k72 ? ReadTime() : consumer.seen;
    group.consumers.push_back(consumer);
    Repeat([&] {
      const Pending wanted{ReadBareId(reader_)};
      const auto found = std::lower_bound(group.pending.begin(), group.pending.end(), wanted, ComesBefore);
      if (found == group.pending.end() || found->id != wanted.id || found->consumer != kNoConsumer) {
        return reader_.Fail();
      }
      found->consumer = group.consumers.size() - 1;
    });
  }

  static bool ComesBefore(const Pending& a, const Pending& b) { return a.id < b.id; }

  StreamForm form_;
  ByteReader& reader_;
  Texts& texts_;
  StreamId last_entry_;
};

}  // namespace

void ReadStream(StreamForm form, ByteReader& reader, Texts& texts, StreamValue& stream) {
  StreamReader(form, reader, texts).Read(stream);
}

}  // namespace holdfast::storage::dump
