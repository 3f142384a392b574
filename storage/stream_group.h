#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/stream.h"

namespace holdfast::storage {

// Times are milliseconds since 1970, as clients see them.
struct StreamConsumer {
  uint64_t number = 0;  // unique in its group, for ever
  std::string name;
  int64_t seen = 0;      // when it last asked for something
  int64_t active = -1;   // when it last got something; -1: never
  uint64_t pending = 0;  // entries that it was given and has not acknowledged
};

// An entry that was given to a consumer and is not acknowledged.
struct StreamDelivery {
  uint64_t consumer = 0;
  int64_t time = 0;    // of the last delivery
  uint64_t count = 0;  // deliveries so far
};

// One group of consumers of a stream: how far it has read, its consumers and what is pending.
//
//   [kStreamGroup][id][ordered name]               -> [number][last id] and counts, the name if it is long
//   [kStreamConsumerName][id][group][ordered name] -> [consumer]
//   [kStreamConsumer][id][group][consumer]         -> [seen][active][pending count][name]
//   [kStreamPending][id][group][entry's id]        -> [consumer][time][count]
//   [kStreamOwned][id][group][consumer][entry's id]
//
// Names are in the order of their bytes (the first 384 of them). What is pending and which consumers there
// are changes in the map at once; the group's own record and what is known of consumers with Save(). Changes
// of groups do not touch the stream's key, as in Redis. `stream` outlives the group.
class StreamGroup {
 public:
  using DeliveryVisitor = absl::FunctionRef<bool(const StreamId& id, const StreamDelivery& delivery)>;

  [[nodiscard]] static std::optional<StreamGroup> Find(const Stream& stream, std::string_view name);
  // In the order of names.
  [[nodiscard]] static std::vector<StreamGroup> All(const Stream& stream);
  // `name` is absent. Saved.
  static StreamGroup Create(const Stream& stream, std::string_view name, const StreamId& last,
                            std::optional<uint64_t> entries_read);
  // With all that it has, in O(1): the rest is the trash's work. The names of its consumers do not count as
  // space that comes back.
  void Destroy();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const StreamId& last() const { return last_; }
  [[nodiscard]] std::optional<uint64_t> entries_read() const { return entries_read_; }
  [[nodiscard]] uint64_t pending() const { return pending_; }
  [[nodiscard]] uint64_t consumers() const { return consumer_count_; }
  void SetLast(const StreamId& last) { last_ = last; }
  void SetEntriesRead(std::optional<uint64_t> entries) { entries_read_ = entries; }
  // The entry `id`, above last(), was read.
  void Advance(const StreamId& id);
  // How many entries had ever been added up to `id`; nullopt if that cannot be told.
  [[nodiscard]] std::optional<uint64_t> Distance(const StreamId& id) const;
  // Entries still to be read; nullopt where deleted ones make it unknown.
  [[nodiscard]] std::optional<int64_t> Lag() const;

  // Consumers live as long as the group object; nullptr if the name is unknown.
  [[nodiscard]] StreamConsumer* FindConsumer(std::string_view name);
  // `name` is unknown.
  StreamConsumer& AddConsumer(std::string_view name, int64_t now);
  // With what it has pending.
  void RemoveConsumer(const StreamConsumer& consumer);
  [[nodiscard]] StreamConsumer& ConsumerOf(const StreamDelivery& delivery) {
    return Consumer(delivery.consumer);
  }
  // In the order of names.
  [[nodiscard]] std::vector<StreamConsumer*> Consumers();

  [[nodiscard]] std::optional<StreamDelivery> FindDelivery(const StreamId& id) const;
  // Makes `id` pending, or gives what is pending to another consumer.
  void Deliver(const StreamId& id, const StreamDelivery& delivery);
  // False if it is not pending.
  bool Acknowledge(const StreamId& id);
  // The lowest and the highest pending id; nullopt if nothing is pending.
  [[nodiscard]] std::optional<StreamRange> PendingSpan() const;
  // What is pending in the range, of all or of one consumer, until the visitor says false. The visitor may
  // deliver and acknowledge.
  void VisitPending(const StreamRange& range, DeliveryVisitor visit) const;
  void VisitPendingOf(const StreamConsumer& consumer, const StreamRange& range, DeliveryVisitor visit) const;

  void Save();

 private:
  StreamGroup(const Stream& stream, std::string_view name) : stream_(&stream), name_(name) {}

  // [table][stream's id][group]
  [[nodiscard]] std::string Prefix(Table table) const;
  [[nodiscard]] std::string PendingKey(const StreamId& id) const;
  [[nodiscard]] std::string OwnedKey(uint64_t consumer, const StreamId& id) const;
  [[nodiscard]] std::string ConsumerKey(uint64_t number) const;
  [[nodiscard]] Transaction& transaction() const { return stream_->transaction(); }
  [[nodiscard]] bool DeletedFrom(const StreamId& id) const;
  [[nodiscard]] StreamConsumer& Consumer(uint64_t number);
  void Decode(std::string_view stored);
  void NoteGrowth(uint64_t bytes) const { transaction().NoteGrowth(static_cast<int64_t>(bytes)); }
  void NoteShrinking(uint64_t bytes) const { transaction().NoteGrowth(-static_cast<int64_t>(bytes)); }

  const Stream* stream_;
  std::string name_;
  uint64_t number_ = 0;
  StreamId last_;
  std::optional<uint64_t> entries_read_;
  uint64_t pending_ = 0;
  uint64_t consumer_count_ = 0;
  std::map<uint64_t, StreamConsumer> loaded_;  // written with Save
};

}  // namespace holdfast::storage
