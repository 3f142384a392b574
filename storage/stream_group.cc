#include "storage/stream_group.h"

#include <memory>
#include <utility>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

// Longer names stand with so many bytes in keys, and a digest behind them.
constexpr size_t kMaxNameInKey = 384;
constexpr std::string_view kTablesOfGroup = "NCPQ";

void AppendOrderedName(Transaction& transaction, std::string& key, std::string_view name) {
  key.append(name.substr(0, kMaxNameInKey));
  // A whole name never gets as long as this, so that no two names share a key.
  if (name.size() > kMaxNameInKey) AppendBounded(key, transaction.Hash(name), name, 0);
}

std::string GroupKey(const Stream& stream, std::string_view name) {
  std::string key = TablePrefix(Table::kStreamGroup, stream.id());
  AppendOrderedName(stream.transaction(), key, name);
  return key;
}

// Its name stands in two tables.
uint64_t BytesOfConsumer(std::string_view name) { return kKeyBytes + 2 * name.size(); }

uint64_t TakeU64(std::string_view& bytes) {
  if (bytes.size() < sizeof(uint64_t)) return 0;
  const uint64_t value = ReadU64(bytes);
  bytes.remove_prefix(sizeof(uint64_t));
  return value;
}

std::string EncodeDelivery(const StreamDelivery& delivery) {
  std::string stored;
  AppendU64(stored, delivery.consumer);
  AppendU64(stored, static_cast<uint64_t>(delivery.time));
  AppendVarint(stored, delivery.count);
  return stored;
}

StreamDelivery DecodeDelivery(std::string_view stored) {
  StreamDelivery delivery;
  delivery.consumer = TakeU64(stored);
  delivery.time = static_cast<int64_t>(TakeU64(stored));
  delivery.count = TakeVarint(stored).value_or(0);
  return delivery;
}

std::string EncodeConsumer(const StreamConsumer& consumer) {
  std::string stored;
  AppendU64(stored, static_cast<uint64_t>(consumer.seen));
  AppendU64(stored, static_cast<uint64_t>(consumer.active));
  AppendVarint(stored, consumer.pending);
  stored.append(consumer.name);
  return stored;
}

StreamConsumer DecodeConsumer(uint64_t number, std::string_view stored) {
  StreamConsumer consumer;
  consumer.number = number;
  consumer.seen = static_cast<int64_t>(TakeU64(stored));
  consumer.active = static_cast<int64_t>(TakeU64(stored));
  consumer.pending = TakeVarint(stored).value_or(0);
  consumer.name = stored;
  return consumer;
}

}  // namespace

std::string StreamGroup::Prefix(Table table) const {
  std::string key = TablePrefix(table, stream_->id());
  AppendU64(key, number_);
  return key;
}

std::string StreamGroup::PendingKey(const StreamId& id) const {
  std::string key = Prefix(Table::kStreamPending);
  AppendStreamId(key, id);
  return key;
}

std::string StreamGroup::OwnedKey(uint64_t consumer, const StreamId& id) const {
  std::string key = Prefix(Table::kStreamOwned);
  AppendU64(key, consumer);
  AppendStreamId(key, id);
  return key;
}

std::string StreamGroup::ConsumerKey(uint64_t number) const {
  std::string key = Prefix(Table::kStreamConsumer);
  AppendU64(key, number);
  return key;
}

std::optional<StreamGroup> StreamGroup::Find(const Stream& stream, std::string_view name) {
  if (!stream.exists()) return std::nullopt;
  const auto stored = stream.transaction().Get(GroupKey(stream, name));
  if (!stored) return std::nullopt;
  StreamGroup group(stream, name);
  group.Decode(*stored);
  return group;
}

std::vector<StreamGroup> StreamGroup::All(const Stream& stream) {
  std::vector<StreamGroup> groups;
  const std::string prefix = TablePrefix(Table::kStreamGroup, stream.id());
  const std::unique_ptr<Cursor> cursor = stream.transaction().NewCursor();
  for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    groups.push_back(StreamGroup(stream, cursor->key().substr(prefix.size())));
    groups.back().Decode(cursor->value());
  }
  return groups;
}

StreamGroup StreamGroup::Create(const Stream& stream, std::string_view name, const StreamId& last,
                                std::optional<uint64_t> entries_read) {
  StreamGroup group(stream, name);
  group.number_ = stream.transaction().NewId();
  group.last_ = last;
  group.entries_read_ = entries_read;
  group.NoteGrowth(kKeyBytes + name.size());
  group.Save();
  return group;
}

void StreamGroup::Destroy() {
  transaction().Delete(GroupKey(*stream_, name_));
  DiscardPart(transaction(), stream_->id(), number_, kTablesOfGroup);
  NoteShrinking(kKeyBytes + name_.size() + pending_ * kDeliveryBytes);
}

void StreamGroup::Decode(std::string_view stored) {
  number_ = TakeU64(stored);
  if (stored.size() < kStreamIdBytes) return;
  last_ = ReadStreamId(stored);
  stored.remove_prefix(kStreamIdBytes);
  const uint64_t read = TakeVarint(stored).value_or(0);
  if (read > 0) entries_read_ = read - 1;
  pending_ = TakeVarint(stored).value_or(0);
  consumer_count_ = TakeVarint(stored).value_or(0);
  if (!stored.empty()) name_ = stored;
}

void StreamGroup::Save() {
  std::string stored;
  AppendU64(stored, number_);
  AppendStreamId(stored, last_);
  AppendVarint(stored, entries_read_ ? *entries_read_ + 1 : 0);
  AppendVarint(stored, pending_);
  AppendVarint(stored, consumer_count_);
  if (name_.size() > kMaxNameInKey) stored.append(name_);
  transaction().Put(GroupKey(*stream_, name_), stored);
  for (const auto& [number, consumer] : loaded_) {
    transaction().Put(ConsumerKey(number), EncodeConsumer(consumer));
  }
}

bool StreamGroup::DeletedFrom(const StreamId& id) const {
  const StreamHead& head = stream_->head();
  // What was deleted before the first entry leaves no gap.
  return stream_->size() > 0 && head.first <= head.max_deleted && id <= head.max_deleted;
}

std::optional<uint64_t> StreamGroup::Distance(const StreamId& id) const {
  const StreamHead& head = stream_->head();
  if (head.added == 0) return 0;
  if (stream_->size() == 0 && id <= head.last) return head.added;
  if (!id.is_zero() && id < head.max_deleted) return std::nullopt;
  if (id == head.last) return head.added;
  if (id > head.last) return std::nullopt;
  // Before the first entry nothing is missing, unless XDEL took something behind it.
  if (head.max_deleted.is_zero() || head.max_deleted < head.first) {
    if (id < head.first) return head.added - stream_->size();
    if (id == head.first) return head.added - stream_->size() + 1;
  }
  return std::nullopt;
}

void StreamGroup::Advance(const StreamId& id) {
  if (entries_read_ && !DeletedFrom(id)) {
    ++*entries_read_;
  } else if (stream_->head().added > 0) {
    entries_read_ = Distance(id);
  }
  last_ = id;
}

std::optional<int64_t> StreamGroup::Lag() const {
  const uint64_t added = stream_->head().added;
  if (added == 0) return 0;
  const std::optional<uint64_t> read = entries_read_ && !DeletedFrom(last_) ? entries_read_ : Distance(last_);
  if (!read) return std::nullopt;
  return static_cast<int64_t>(added - *read);
}

StreamConsumer& StreamGroup::Consumer(uint64_t number) {
  const auto [found, missing] = loaded_.try_emplace(number);
  if (missing) {
    found->second = DecodeConsumer(number, transaction().Get(ConsumerKey(number)).value_or(""));
  }
  return found->second;
}

StreamConsumer* StreamGroup::FindConsumer(std::string_view name) {
  std::string key = Prefix(Table::kStreamConsumerName);
  AppendOrderedName(transaction(), key, name);
  const auto stored = transaction().Get(key);
  if (!stored || stored->size() < sizeof(uint64_t)) return nullptr;
  return &Consumer(ReadU64(*stored));
}

StreamConsumer& StreamGroup::AddConsumer(std::string_view name, int64_t now) {
  const uint64_t number = transaction().NewId();
  std::string key = Prefix(Table::kStreamConsumerName);
  AppendOrderedName(transaction(), key, name);
  std::string stored;
  AppendU64(stored, number);
  transaction().Insert(key, stored);
  StreamConsumer& consumer = loaded_[number];
  consumer.number = number;
  consumer.name = name;
  consumer.seen = now;
  ++consumer_count_;
  NoteGrowth(BytesOfConsumer(name));
  return consumer;
}

void StreamGroup::RemoveConsumer(const StreamConsumer& consumer) {
  VisitPendingOf(consumer, {}, [&](const StreamId& id, const StreamDelivery&) { return Acknowledge(id); });
  std::string key = Prefix(Table::kStreamConsumerName);
  AppendOrderedName(transaction(), key, consumer.name);
  transaction().Delete(key);
  transaction().Delete(ConsumerKey(consumer.number));
  --consumer_count_;
  NoteShrinking(BytesOfConsumer(consumer.name));
  loaded_.erase(consumer.number);
}

std::vector<StreamConsumer*> StreamGroup::Consumers() {
  std::vector<StreamConsumer*> consumers;
  const std::string prefix = Prefix(Table::kStreamConsumerName);
  const std::unique_ptr<Cursor> cursor = transaction().NewCursor();
  for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    if (cursor->value().size() >= sizeof(uint64_t)) consumers.push_back(&Consumer(ReadU64(cursor->value())));
  }
  return consumers;
}

std::optional<StreamDelivery> StreamGroup::FindDelivery(const StreamId& id) const {
  const auto stored = transaction().Get(PendingKey(id));
  if (!stored) return std::nullopt;
  return DecodeDelivery(*stored);
}

void StreamGroup::Deliver(const StreamId& id, const StreamDelivery& delivery) {
  const std::optional<StreamDelivery> before = FindDelivery(id);
  transaction().Put(PendingKey(id), EncodeDelivery(delivery));
  if (before && before->consumer == delivery.consumer) return;
  if (before) {
    transaction().Delete(OwnedKey(before->consumer, id));
    --Consumer(before->consumer).pending;
  } else {
    ++pending_;
    NoteGrowth(kDeliveryBytes);
  }
  transaction().Insert(OwnedKey(delivery.consumer, id), {});
  ++Consumer(delivery.consumer).pending;
}

bool StreamGroup::Acknowledge(const StreamId& id) {
  const std::optional<StreamDelivery> delivery = FindDelivery(id);
  if (!delivery) return false;
  transaction().Delete(PendingKey(id));
  transaction().Delete(OwnedKey(delivery->consumer, id));
  --pending_;
  NoteShrinking(kDeliveryBytes);
  --Consumer(delivery->consumer).pending;
  return true;
}

std::optional<StreamRange> StreamGroup::PendingSpan() const {
  const std::string prefix = Prefix(Table::kStreamPending);
  const std::unique_ptr<Cursor> cursor = transaction().NewCursor();
  cursor->Seek(prefix);
  if (!cursor->valid() || !cursor->key().starts_with(prefix)) return std::nullopt;
  StreamRange span{ReadStreamId(cursor->key().substr(prefix.size()))};
  std::string behind = PendingKey(kHighestStreamId);
  cursor->SeekBefore(behind.append(1, '\0'));
  span.to = ReadStreamId(cursor->key().substr(prefix.size()));
  return span;
}

void StreamGroup::VisitPending(const StreamRange& range, DeliveryVisitor visit) const {
  const std::string prefix = Prefix(Table::kStreamPending);
  const std::unique_ptr<Cursor> cursor = transaction().NewCursor();
  for (cursor->Seek(PendingKey(range.from)); cursor->valid() && cursor->key().starts_with(prefix);
       cursor->Next()) {
    const StreamId id = ReadStreamId(cursor->key().substr(prefix.size()));
    if (range.to < id || !visit(id, DecodeDelivery(cursor->value()))) return;
  }
}

void StreamGroup::VisitPendingOf(const StreamConsumer& consumer, const StreamRange& range,
                                 DeliveryVisitor visit) const {
  std::string prefix = Prefix(Table::kStreamOwned);
  AppendU64(prefix, consumer.number);
  const std::unique_ptr<Cursor> cursor = transaction().NewCursor();
  for (cursor->Seek(OwnedKey(consumer.number, range.from));
       cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const StreamId id = ReadStreamId(cursor->key().substr(prefix.size()));
    if (range.to < id) return;
    const std::optional<StreamDelivery> delivery = FindDelivery(id);
    if (delivery && !visit(id, *delivery)) return;
  }
}

}  // namespace holdfast::storage
