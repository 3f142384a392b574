#include "storage/entry.h"

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

constexpr char kHasExpiry = 1;
constexpr char kHasLongKey = 2;
constexpr char kHasFieldDues = 4;
constexpr char kStringForms = 8 | 16;
constexpr size_t kHeadBytes = 3;  // type, encoding, flags

// Reads fixed and variable fields from the front; once one is missing, all that follow are.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  uint64_t Fixed() {
    if (bytes_.size() < sizeof(uint64_t)) return Fail();
    const uint64_t value = ReadU64(bytes_);
    bytes_.remove_prefix(sizeof(uint64_t));
    return value;
  }
  absl::Time Time() { return absl::FromUnixMillis(static_cast<int64_t>(Fixed())); }
  uint64_t Varint() {
    const std::optional<uint64_t> value = TakeVarint(bytes_);
    return value ? *value : Fail();
  }
  std::string_view Bytes() {
    const std::optional<std::string_view> value = TakeBytes(bytes_);
    if (!value) Fail();
    return value.value_or(std::string_view());
  }
  [[nodiscard]] std::string_view rest() const { return bytes_; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  uint64_t Fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace

void EncodeEntry(const Entry& entry, std::string& out) {
  const bool expires = entry.expires != absl::InfiniteFuture();
  const bool fields_expire = entry.dues.count != 0;
  const int flags = (expires ? kHasExpiry : 0) | (entry.long_key.empty() ? 0 : kHasLongKey) |
                    (fields_expire ? kHasFieldDues : 0) | static_cast<int>(entry.form);
  out.push_back(static_cast<char>(entry.type));
  out.push_back(static_cast<char>(entry.encoding));
  out.push_back(static_cast<char>(flags));
  if (expires) AppendTime(out, entry.expires);
  if (!entry.long_key.empty()) AppendBytes(out, entry.long_key);
  if (fields_expire) {
    AppendTime(out, entry.dues.first);
    AppendTime(out, entry.dues.last);
    AppendVarint(out, entry.dues.count);
  }
  if (entry.type != ValueType::kString) {
    AppendVarint(out, entry.count);
    AppendVarint(out, entry.bytes);
  }
  if (entry.encoding == Encoding::kElements) {
    AppendU64(out, entry.id);
    if (entry.type == ValueType::kList) {
      AppendU64(out, entry.head);
      AppendU64(out, entry.tail);
    }
  }
  out.append(entry.value);
}

std::optional<Entry> DecodeEntry(std::string_view stored) {
  if (stored.size() < kHeadBytes) return std::nullopt;
  Entry entry;
  entry.type = static_cast<ValueType>(stored[0]);
  entry.encoding = static_cast<Encoding>(stored[1]);
  const char flags = stored[2];
  entry.form = static_cast<StringForm>(flags & kStringForms);
  Fields fields(stored.substr(kHeadBytes));
  if ((flags & kHasExpiry) != 0) entry.expires = fields.Time();
  if ((flags & kHasLongKey) != 0) entry.long_key = fields.Bytes();
  if ((flags & kHasFieldDues) != 0) {
    entry.dues.first = fields.Time();
    entry.dues.last = fields.Time();
    entry.dues.count = fields.Varint();
  }
  if (entry.type != ValueType::kString) {
    entry.count = fields.Varint();
    entry.bytes = fields.Varint();
  }
  if (entry.encoding == Encoding::kElements) {
    entry.id = fields.Fixed();
    if (entry.type == ValueType::kList) {
      entry.head = fields.Fixed();
      entry.tail = fields.Fixed();
    }
  }
  entry.value = fields.rest();
  if (entry.type == ValueType::kString) {
    entry.count = 1;
    entry.bytes = entry.value.size();
  }
  if (!fields.ok()) return std::nullopt;
  return entry;
}

}  // namespace holdfast::storage
