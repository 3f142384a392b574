#include "storage/batch.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "storage/codec.h"

namespace holdfast::storage {
namespace {

using Sink = absl::FunctionRef<void(std::string_view)>;

constexpr char kBatchFormat = 1;  // stored; a change of the grammar takes the next number
constexpr size_t kTimeBytes = 8;
constexpr size_t kHeadBytes = 1 + kTimeBytes;
constexpr size_t kSmallestEffect = 2;
constexpr size_t kSmallestAnnotation = 5;

size_t SizedBytes(std::string_view bytes) { return VarintBytes(bytes.size()) + bytes.size(); }

size_t EffectBytes(const Effect& effect) {
  return 1 + SizedBytes(effect.key) + (effect.kind == EffectKind::kPut ? SizedBytes(effect.value) : 0);
}

size_t AnnotationBytes(const Annotation& note) {
  return VarintBytes(note.client) + VarintBytes(note.database) + SizedBytes(note.command) +
         SizedBytes(note.key);
}

void EmitNumber(uint64_t value, Sink sink) {
  std::array<char, kMaxVarintBytes> buffer;
  char* const end = PutVarint(value, buffer.data());
  sink(std::string_view(buffer.data(), static_cast<size_t>(end - buffer.data())));
}

void EmitSized(std::string_view bytes, Sink sink) {
  EmitNumber(bytes.size(), sink);
  sink(bytes);
}

void EmitHead(absl::Time time, Sink sink) {
  std::string head(1, kBatchFormat);
  AppendU64(head, static_cast<uint64_t>(absl::ToUnixMillis(time)));
  sink(head);
}

void EmitEffect(const Effect& effect, Sink sink) {
  std::array<char, 1 + kMaxVarintBytes> start = {static_cast<char>(effect.kind)};
  char* const end = PutVarint(effect.key.size(), start.data() + 1);
  sink(std::string_view(start.data(), static_cast<size_t>(end - start.data())));
  sink(effect.key);
  if (effect.kind == EffectKind::kPut) EmitSized(effect.value, sink);
}

void EmitAnnotation(const Annotation& note, Sink sink) {
  EmitNumber(AnnotationBytes(note), sink);
  EmitNumber(note.client, sink);
  EmitNumber(note.database, sink);
  EmitSized(note.command, sink);
  EmitSized(note.key, sink);
}

// Reads on from the front of a payload; the first fault sticks and later reads give zero.
class Scanner {
 public:
  explicit Scanner(std::string_view payload) : begin_(payload.data()), rest_(payload) {}

  uint64_t Number(const char* what) {
    const auto value = TakeVarint(rest_);
    if (!value) Fail(what);
    return value.value_or(0);
  }

  std::string_view Bytes(uint64_t size, const char* what) {
    if (size > rest_.size()) {
      Fail(what);
      return {};
    }
    const auto bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::string_view Sized(const char* what) { return Bytes(Number(what), what); }

  void Fail(const char* what) {
    if (!status_.ok()) return;
    status_ =
        absl::DataLossError(absl::StrCat("record payload: bad ", what, " at byte ", rest_.data() - begin_));
    rest_ = {};
  }

  bool ok() const { return status_.ok(); }
  size_t left() const { return rest_.size(); }
  const absl::Status& status() const { return status_; }

 private:
  const char* begin_;
  std::string_view rest_;
  absl::Status status_;
};

absl::Time ReadHead(Scanner& scanner) {
  const auto format = scanner.Bytes(1, "format");
  if (scanner.ok() && format[0] != kBatchFormat) scanner.Fail("format (written by a newer Holdfast?)");
  const auto bytes = scanner.Bytes(kTimeBytes, "time");
  return absl::FromUnixMillis(scanner.ok() ? static_cast<int64_t>(ReadU64(bytes)) : 0);
}

Effect ReadEffect(Scanner& scanner) {
  const auto kind = scanner.Bytes(1, "effect");
  Effect effect{EffectKind::kDelete, {}, {}};
  if (!scanner.ok()) return effect;
  effect.kind = static_cast<EffectKind>(kind[0]);
  if (effect.kind != EffectKind::kPut && effect.kind != EffectKind::kDelete) scanner.Fail("kind of effect");
  effect.key = scanner.Sized("key");
  if (effect.kind == EffectKind::kPut) effect.value = scanner.Sized("value");
  return effect;
}

Annotation ReadAnnotation(Scanner& scanner) {
  Scanner body(scanner.Sized("annotation"));
  Annotation note;
  note.client = body.Number("client");
  const uint64_t database = body.Number("database");
  note.database = static_cast<uint32_t>(database);
  note.command = body.Sized("command");
  note.key = body.Sized("annotated key");
  if (!body.ok() || database > std::numeric_limits<uint32_t>::max()) scanner.Fail("annotation");
  return note;
}

// How many entries to make room for: a damaged count must not cost more memory than the payload could fill.
size_t Bounded(uint64_t count, const Scanner& scanner, size_t smallest_bytes) {
  return static_cast<size_t>(std::min<uint64_t>(count, scanner.left() / smallest_bytes));
}

}  // namespace

size_t EncodedBatchSize(const Batch& batch) {
  size_t bytes = kHeadBytes + VarintBytes(batch.effects.size()) + VarintBytes(batch.annotations.size());
  for (const Effect& effect : batch.effects) bytes += EffectBytes(effect);
  for (const Annotation& note : batch.annotations) {
    const size_t body_bytes = AnnotationBytes(note);
    bytes += VarintBytes(body_bytes) + body_bytes;
  }
  return bytes;
}

void EncodeBatch(const Batch& batch, Sink sink) {
  EmitHead(batch.time, sink);
  EmitNumber(batch.effects.size(), sink);
  for (const Effect& effect : batch.effects) EmitEffect(effect, sink);
  EmitNumber(batch.annotations.size(), sink);
  for (const Annotation& note : batch.annotations) EmitAnnotation(note, sink);
}

void EncodeBatch(const Batch& batch, std::string& out) {
  EncodeBatch(batch, [&out](std::string_view piece) { out.append(piece); });
}

absl::Status DecodeBatch(std::string_view payload, Batch& batch) {
  batch.clear();
  Scanner scanner(payload);
  batch.time = ReadHead(scanner);
  const uint64_t effects = scanner.Number("count of effects");
  batch.effects.reserve(Bounded(effects, scanner, kSmallestEffect));
  for (uint64_t i = 0; i < effects && scanner.ok(); ++i) batch.effects.push_back(ReadEffect(scanner));
  const uint64_t annotations = scanner.Number("count of annotations");
  batch.annotations.reserve(Bounded(annotations, scanner, kSmallestAnnotation));
  for (uint64_t i = 0; i < annotations && scanner.ok(); ++i)
    batch.annotations.push_back(ReadAnnotation(scanner));
  if (scanner.left() != 0) scanner.Fail("end: there are bytes left");
  if (!scanner.ok()) batch.clear();
  return scanner.status();
}

}  // namespace holdfast::storage
