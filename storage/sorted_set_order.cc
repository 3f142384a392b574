#include "storage/sorted_set_order.h"

#include <utility>

#include "storage/codec.h"

namespace holdfast::storage {

namespace {

constexpr size_t kScoreBytes = 8;
constexpr size_t kLabelBytes = 8;
constexpr size_t kIdPrefixBytes = 1 + 8;  // [table][id]

bool IsLong(std::string_view member) { return member.size() > SortedSetOrder::kWholeMemberBytes; }

// The smallest key above every key that begins with `prefix`, which must not be all 0xFF bytes.
std::string Successor(std::string prefix) {
  while (static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// The smallest key above `key`.
std::string After(std::string key) {
  key.push_back('\0');
  return key;
}

std::string ScoreValue(double score, const SortedSetOrder::Stored* label, std::string_view member) {
  std::string value;
  AppendOrderedDouble(value, score);
  if (label != nullptr) {
    AppendU64(value, label->label);
    value.append(member);
  }
  return value;
}

class OrderWalk : public SortedSetWalk {
 public:
  OrderWalk(const SortedSetOrder& order, std::unique_ptr<Cursor> cursor, std::string low, std::string high,
            Direction direction)
      : order_(order),
        cursor_(std::move(cursor)),
        low_(std::move(low)),
        high_(std::move(high)),
        direction_(direction) {
    if (direction_ == Direction::kForward) {
      cursor_->Seek(low_);
    } else {
      cursor_->SeekBefore(high_);
    }
  }

  [[nodiscard]] bool valid() const override {
    if (!cursor_->valid()) return false;
    return direction_ == Direction::kForward ? cursor_->key() < high_ : cursor_->key() >= low_;
  }

  void Next() override {
    if (direction_ == Direction::kForward) {
      cursor_->Next();
    } else {
      cursor_->Prev();
    }
  }

  [[nodiscard]] ScoredMember current() const override {
    std::string_view rest = cursor_->key().substr(kIdPrefixBytes);
    double score = ReadOrderedDouble(rest);
    rest.remove_prefix(kScoreBytes);
    return {IsLong(rest) ? order_.LongMember(cursor_->value()) : rest, score};
  }

 private:
  SortedSetOrder order_;
  std::unique_ptr<Cursor> cursor_;
  std::string low_;
  std::string high_;
  Direction direction_;
};

}  // namespace

std::string SortedSetOrder::Bounded(std::string_view member) const {
  std::string bounded;
  AppendBounded(bounded, transaction_.Hash(member), member, kWholeMemberBytes);
  return bounded;
}

std::string SortedSetOrder::ScoreKey(std::string_view bounded) const {
  return TablePrefix(Table::kScore, id_).append(bounded);
}

std::string SortedSetOrder::ScorePrefix(double score) const {
  std::string key = TablePrefix(Table::kOrder, id_);
  AppendOrderedDouble(key, score);
  return key;
}

std::string SortedSetOrder::RunPrefix(std::string_view member, double score) const {
  return ScorePrefix(score).append(member.substr(0, kWholeMemberBytes));
}

std::string SortedSetOrder::OrderKey(std::string_view member, const Stored& stored) const {
  std::string key = RunPrefix(member, stored.score);
  if (IsLong(member)) AppendU64(key, stored.label);
  return key;
}

std::optional<SortedSetOrder::Stored> SortedSetOrder::Find(std::string_view member) const {
  std::optional<std::string_view> value = transaction_.Get(ScoreKey(Bounded(member)));
  if (!value) return std::nullopt;
  Stored stored{ReadOrderedDouble(*value), 0};
  if (IsLong(member)) stored.label = ReadU64(value->substr(kScoreBytes));
  return stored;
}

void SortedSetOrder::Insert(std::string_view member, double score) {
  std::string bounded = Bounded(member);
  Stored stored{score, 0};
  if (!IsLong(member)) {
    transaction_.Insert(ScoreKey(bounded), ScoreValue(score, nullptr, {}));
    transaction_.Insert(OrderKey(member, stored), {});
    return;
  }
  stored.label = NewLabel(RunPrefix(member, score), member);
  transaction_.Insert(ScoreKey(bounded), ScoreValue(score, &stored, member));
  transaction_.Insert(OrderKey(member, stored), bounded);
}

void SortedSetOrder::Erase(std::string_view member, const Stored& stored) {
  transaction_.Delete(ScoreKey(Bounded(member)));
  transaction_.Delete(OrderKey(member, stored));
}

void SortedSetOrder::Move(std::string_view member, const Stored& stored, double score) {
  std::string bounded = Bounded(member);
  transaction_.Delete(OrderKey(member, stored));
  Stored moved{score, 0};
  if (IsLong(member)) moved.label = NewLabel(RunPrefix(member, score), member);
  transaction_.Put(ScoreKey(bounded), ScoreValue(score, IsLong(member) ? &moved : nullptr, member));
  transaction_.Insert(OrderKey(member, moved),
                      IsLong(member) ? std::string_view(bounded) : std::string_view());
}

std::string_view SortedSetOrder::LongMember(std::string_view reference) const {
  std::optional<std::string_view> value = transaction_.Get(ScoreKey(reference));
  // A damaged entry reads as absent; the store reports the fault.
  return value ? value->substr(kScoreBytes + kLabelBytes) : std::string_view();
}

ScoredMember SortedSetOrder::ElementOf(std::string_view bounded, std::string_view value) {
  if (value.size() < kScoreBytes) return {};
  if (const auto whole = BoundedBytes(bounded)) return {*whole, ReadOrderedDouble(value)};
  return {value.substr(kScoreBytes + kLabelBytes), ReadOrderedDouble(value)};
}

ScoredMember SortedSetOrder::NearHash(uint64_t hash, uint64_t steps) const {
  const std::string prefix = TablePrefix(Table::kScore, id_);
  std::string key = prefix;
  AppendU64(key, hash);
  const std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  const auto inside = [&] { return cursor->valid() && cursor->key().starts_with(prefix); };
  cursor->Seek(key);
  for (;; --steps, cursor->Next()) {
    if (!inside()) cursor->Seek(prefix);
    if (!inside()) return {};
    if (steps > 0) continue;
    return ElementOf(cursor->key().substr(prefix.size()), transaction_.Keep(cursor->key(), cursor->value()));
  }
}

std::unique_ptr<SortedSetWalk> SortedSetOrder::NewWalk(const BoundaryRange& range,
                                                       Direction direction) const {
  return std::make_unique<OrderWalk>(*this, transaction_.NewCursor(), BoundaryKey(range.from),
                                     BoundaryKey(range.to), direction);
}

std::string SortedSetOrder::BoundaryKey(const Boundary& boundary) const {
  switch (boundary.kind) {
    case Boundary::Kind::kStart:
      return TablePrefix(Table::kOrder, id_);
    case Boundary::Kind::kEnd:
      return Successor(TablePrefix(Table::kOrder, id_));
    case Boundary::Kind::kBeforeScore:
      return ScorePrefix(boundary.score);
    case Boundary::Kind::kAfterScore:
      return Successor(ScorePrefix(boundary.score));
    case Boundary::Kind::kBeforeMember:
    case Boundary::Kind::kAfterMember:
      break;
  }
  return MemberBoundaryKey(boundary);
}

std::string SortedSetOrder::MemberBoundaryKey(const Boundary& boundary) const {
  std::string key = RunPrefix(boundary.member, boundary.score);
  bool after = boundary.kind == Boundary::Kind::kAfterMember;
  if (IsLong(boundary.member)) {
    Place place = FindPlace(key, boundary.member);
    AppendU64(key, place.exact.value_or(place.below.value_or(0)));
    if (!place.exact) after = place.below.has_value();
  }
  return after ? After(std::move(key)) : key;
}

}  // namespace holdfast::storage
