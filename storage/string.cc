#include "storage/string.h"

#include <algorithm>

namespace holdfast::storage {

void String::Set(std::string_view value, absl::Time expires, StringForm form) {
  if (expires <= keyspace_.transaction().now()) {
    keyspace_.Remove(slot_);
    return;
  }
  keyspace_.transaction().NoteValue(value);
  slot_.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
  slot_.entry->form = form;
  slot_.entry->expires = expires;
  slot_.entry->count = 1;
  slot_.entry->bytes = value.size();
  slot_.entry->value = value;
  keyspace_.Save(slot_);
}

void String::Append(std::string_view suffix) {
  std::string whole;
  whole.reserve(value().size() + suffix.size());
  whole.append(value()).append(suffix);
  Write(whole, occupied() ? StringForm::kRaw : StringForm::kPlain);
}

void String::SetRange(uint64_t offset, std::string_view bytes) {
  std::string whole;
  whole.reserve(std::max<uint64_t>(value().size(), offset + bytes.size()));
  whole.assign(value());
  if (whole.size() < offset + bytes.size()) whole.resize(offset + bytes.size());
  whole.replace(offset, bytes.size(), bytes);
  Write(whole, StringForm::kRaw);
}

void String::Expire(absl::Time expires) {
  if (expires <= keyspace_.transaction().now()) {
    keyspace_.Remove(slot_);
    return;
  }
  slot_.entry->expires = expires;
  keyspace_.Save(slot_);
}

}  // namespace holdfast::storage
