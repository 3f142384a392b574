#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "storage/access_times.h"
#include "storage/batch.h"
#include "storage/entry.h"
#include "storage/event.h"
#include "storage/handed_out.h"
#include "storage/job_identity.h"
#include "storage/kv.h"
#include "storage/movement.h"
#include "storage/packed.h"
#include "storage/view.h"

namespace holdfast::storage {

class HandOverBook;

// The number SELECT takes stands for an id, so that FLUSHDB and SWAPDB change one small record.
struct Database {
  uint32_t id = 0;  // prefix of its keyspace entries; 0: never used yet
  uint64_t keys = 0;
  uint64_t expiring_keys = 0;
  bool operator==(const Database&) const = default;
};

// A key that a command changed: WATCH, blocked clients and keyspace notifications live on these.
struct Touch {
  int database = 0;
  std::string key;                // empty with whole_database
  std::optional<ValueType> type;  // the key's type after the change; nullopt if it is gone
  bool whole_database = false;    // FLUSHDB, SWAPDB: any key of it may have changed
  bool only_wakes = false;        // it did not change, but those who wait for it must look again
};

// The only way to change data. Collects the effects of one turn, with reads that see them, and notes every
// effect and every touched key by itself. A handler that fails is taken back with RollbackTo; the turn as a
// whole becomes one log record (Store::Commit).
//
// One per store, used by the engine's thread only. Views that Get and cursors return live until the turn
// ends, and for values of more than kMaxInlineValueBytes until the command ends.
class Transaction {
 public:
  static constexpr int kMaxDatabases = 16;
  static constexpr size_t kMaxOverdue = 256;
  static constexpr int kNoDatabase = kMaxDatabases;  // always empty: to be read only
  // An id is its opening's epoch and a number below 2^40.
  static constexpr int kEpochShift = 40;

  // A point in the turn to come back to.
  struct Mark {
    size_t changes = 0;
    size_t database_undos = 0;
    size_t touches = 0;
    size_t annotations = 0;
    size_t events = 0;
    size_t movements = 0;
    size_t growing_keys = 0;
    size_t resizes = 0;
    int64_t growth = 0;
    size_t handed_out = 0;
    size_t rooms_made = 0;
  };

  Transaction(View& view, uint64_t hash_seed) : view_(view), hash_seed_(hash_seed), random_(hash_seed) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // The map.
  [[nodiscard]] std::optional<std::string_view> Get(std::string_view key) { return view_.Get(key); }
  [[nodiscard]] std::unique_ptr<Cursor> NewCursor() { return view_.NewCursor(); }
  // The value a cursor stands on (at `key`), of whatever length, for longer than the cursor stands there.
  [[nodiscard]] std::string_view Keep(std::string_view key, std::string_view value) {
    return value.size() <= kMaxInlineValueBytes ? value : Get(key).value_or(std::string_view());
  }
  // Both return the stored bytes: a view that lives until the turn ends.
  std::string_view Put(std::string_view key, std::string_view value);
  // A put of a key that the caller knows to be absent (a fresh list position, a new collection's element).
  std::string_view Insert(std::string_view key, std::string_view value);
  void Delete(std::string_view key);

  // One command: everything since the mark is kept or taken back.
  [[nodiscard]] Mark mark() const;
  void RollbackTo(const Mark& mark);
  [[nodiscard]] bool changed_since(const Mark& mark) const { return changes_.size() > mark.changes; }
  // Says who made the effects since the last annotation. The views must live until the turn ends.
  void Annotate(const Annotation& annotation);

  // At least what EncodedBatchSize will say of the turn as it stands, with the changed database records that
  // Seal adds.
  [[nodiscard]] uint64_t pending_bytes() const;
  [[nodiscard]] bool empty() const { return changes_.empty() && database_undos_.empty(); }

  // Databases, by the number SELECT knows, below kMaxDatabases, or kNoDatabase.
  [[nodiscard]] const Database& database(int number) const { return databases_[static_cast<size_t>(number)]; }
  void SetDatabase(int number, const Database& database);
  // An id that no database has or had: above all of today's, which only ever rise.
  [[nodiscard]] uint32_t NextDatabaseId() const;

  void NoteTouch(Touch touch) { touches_.push_back(std::move(touch)); }
  // What the commands since the last ClearTouches changed, in order.
  [[nodiscard]] const std::vector<Touch>& touches() const { return touches_; }
  void ClearTouches() { touches_.clear(); }

  // Keyspace events (Keyspace::Notify). Only those of the classes that somebody listens to are kept: with
  // none, an event costs one comparison. They go with the effects that RollbackTo takes back.
  void set_event_classes(uint32_t classes) { event_classes_ = classes; }
  void NoteEvent(EventClass kind, std::string_view name, int database, std::string_view key) {
    if ((event_classes_ & static_cast<uint32_t>(kind)) == 0) return;
    events_.push_back({database, kind, name, std::string(key)});
  }
  [[nodiscard]] bool has_events() const { return !events_.empty(); }
  // All of them in order, which forgets them.
  [[nodiscard]] std::vector<Event> TakeEvents() { return std::exchange(events_, {}); }
  [[nodiscard]] Lookups& lookups() { return lookups_; }
  // When keys were last accessed: noted by Keyspace, never taken back.
  [[nodiscard]] AccessTimes& access_times() { return access_times_; }

  // Keyspace entries that look-ups found past their time and still stored, by database and map key: whoever
  // runs commands deletes them afterwards, since Redis deletes what a command meets so. Only so many are
  // kept; the others are the expirer's.
  void NoteOverdue(int database, std::string_view map_key) {
    if (overdue_.size() < kMaxOverdue) overdue_.emplace_back(database, map_key);
  }
  [[nodiscard]] bool has_overdue() const { return !overdue_.empty(); }
  // All of them in order, which forgets them.
  [[nodiscard]] std::vector<std::pair<int, std::string>> TakeOverdue() { return std::exchange(overdue_, {}); }

  // Elements that come and go (movement.h), noted by List, SortedSet and Hash. Without a `jobs`, which must
  // outlive the transaction, none is.
  void set_jobs(const JobIdentity* jobs) { jobs_ = jobs; }
  // With it on, what is given is asked whether it shows that it was out, and to which key it goes; and sizes
  // of keys are noted.
  void set_examines_given(bool on) { examines_given_ = on; }
  [[nodiscard]] bool examines_given() const { return examines_given_; }
  void NoteTaken(std::string_view element);
  void NoteGiven(int database, std::string_view key, std::string_view element);
  // A value that is no element counts only if it names a job.
  void NoteValue(std::string_view value);
  // Its growth is noted by itself.
  void NoteResize(Resize resize) { resizes_.push_back(std::move(resize)); }
  // Since the last ClearMovements, in order.
  [[nodiscard]] const std::vector<Resize>& resizes() const { return resizes_; }
  [[nodiscard]] const std::vector<Movement>& movements() const { return movements_; }
  [[nodiscard]] const std::vector<GrowingKey>& growing_keys() const { return growing_keys_; }
  void ClearMovements();
  // By how many bytes the data has grown (negative: shrunk), as entries count it: a running sum over the
  // transaction's life, of which differences mean something.
  [[nodiscard]] int64_t growth() const { return growth_; }
  void NoteGrowth(int64_t bytes) { growth_ += bytes; }

  // Popped elements whose receiver is yet to confirm them (hand_over_book.h). With `book`, which must outlive
  // the transaction, lists ask it before they use a place again.
  void set_hand_over_book(HandOverBook* book) { hand_over_book_ = book; }
  // Of the list `collection`, all places.
  void MakeRoom(uint64_t collection);
  void MakeRoom(const HandedOut::Place& place);
  void NoteRoomMade(const HandedOut::Id& id) { rooms_made_.push_back(id); }
  // While it is on, what List::HandOut and SortedSet::Pop take out is noted here and, of a list, stays where
  // it stood.
  void set_hands_over(bool on) { hands_over_ = on; }
  [[nodiscard]] bool hands_over() const { return hands_over_; }
  void NoteHandedOut(HandedOut element) { handed_out_.push_back(std::move(element)); }
  // All of them in order, which forgets them.
  [[nodiscard]] std::vector<HandedOut> TakeHandedOut() { return std::exchange(handed_out_, {}); }
  [[nodiscard]] const std::vector<HandedOut>& handed_out() const { return handed_out_; }

  // An id no collection and no database ever had: unique by the epoch of this opening, so that it needs no
  // effect.
  [[nodiscard]] uint64_t NewId() { return ids_++; }
  // The data folder's keyed hash of a key, field or member.
  [[nodiscard]] uint64_t Hash(std::string_view bytes) const;
  // 64 random bits, for commands that choose at random; not for secrets. The sequence follows from the hash
  // seed and the epoch: the same in every run of a test, another in every opening of a data folder.
  [[nodiscard]] uint64_t Random() { return random_(); }

  // The clock of the command that runs.
  [[nodiscard]] absl::Time now() const { return now_; }
  void set_now(absl::Time now) { now_ = now; }

  [[nodiscard]] const InlineLimits& limits() const { return limits_; }
  [[nodiscard]] InlineLimits& mutable_limits() { return limits_; }
  [[nodiscard]] View& view() { return view_; }

  // For the store: reads the database records and starts ids above those of earlier epochs; closes the turn's
  // batch (adding the changed database records); forgets the turn; takes the whole turn back.
  void Open(uint64_t epoch);
  // Ids are above those of earlier epochs from now on; also in the middle of a turn.
  void TakeEpoch(uint64_t epoch);
  [[nodiscard]] Batch& Seal();
  void Clear();
  void RollbackTurn();

 private:
  // A value that the turn itself puts another one over matters to nobody: fifty pushes to one queue write its
  // entry once. What is put and then deleted stays: the log tells which jobs came and went.
  void DropOverwritten();
  void NoteEffect(const Effect& effect);

  View& view_;
  uint64_t hash_seed_;
  std::mt19937_64 random_;
  uint64_t ids_ = 1;
  absl::Time now_;
  InlineLimits limits_;

  Batch batch_;
  absl::flat_hash_map<const char*, EffectKind> last_effects_;
  uint64_t batch_bytes_ = 0;  // at least those of batch_'s effects and annotations
  std::vector<Memtable::Change> changes_;
  std::vector<std::pair<int, Database>> database_undos_;
  std::vector<Touch> touches_;
  std::vector<Event> events_;
  uint32_t event_classes_ = 0;
  const JobIdentity* jobs_ = nullptr;
  bool examines_given_ = false;
  std::vector<Movement> movements_;
  std::vector<GrowingKey> growing_keys_;
  std::vector<Resize> resizes_;
  int64_t growth_ = 0;
  HandOverBook* hand_over_book_ = nullptr;
  bool hands_over_ = false;
  std::vector<HandedOut> handed_out_;
  std::vector<HandedOut::Id> rooms_made_;
  Lookups lookups_;
  AccessTimes access_times_;
  std::vector<std::pair<int, std::string>> overdue_;
  std::array<Database, kMaxDatabases + 1> databases_{};
  std::array<Database, kMaxDatabases + 1> written_databases_{};  // as the map has them
};

}  // namespace holdfast::storage
