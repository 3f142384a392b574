// Labels: the order of long members within a run (sorted_set_order.h).
#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "storage/codec.h"
#include "storage/sorted_set_order.h"

namespace holdfast::storage {

namespace {

constexpr uint64_t kMaxLabel = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kFirstLabel = 1ULL << 63;
// Pushes that come in order get this much room each: a run takes 2^23 of them in each direction, and between
// two of them 40 halvings.
constexpr uint64_t kAppendStep = 1ULL << 40;
// A neighbourhood is spread out so that at least this much room comes between its labels.
constexpr uint64_t kRoomyStep = 1ULL << 16;
constexpr size_t kSmallestReach = 16;
constexpr size_t kLabelBytes = 8;
constexpr size_t kScoreBytes = 8;

std::string LabelKey(const std::string& run, uint64_t label) {
  std::string key = run;
  AppendU64(key, label);
  return key;
}

// The label of the long member the cursor stands on; nullopt outside the run. A whole member of exactly the
// run's bytes has no label.
std::optional<uint64_t> LabelAt(const Cursor& cursor, const std::string& run) {
  if (!cursor.valid() || cursor.key().size() != run.size() + kLabelBytes || !cursor.key().starts_with(run)) {
    return std::nullopt;
  }
  return ReadU64(cursor.key().substr(run.size()));
}

// Steps to a label of [low, high]: the first at or after the middle, else the last before it.
std::optional<uint64_t> SeekBetween(Cursor& cursor, const std::string& run, uint64_t low, uint64_t high) {
  uint64_t middle = low + (high - low) / 2;
  cursor.Seek(LabelKey(run, middle));
  std::optional<uint64_t> label = LabelAt(cursor, run);
  if (label && *label <= high) return label;
  cursor.SeekBefore(LabelKey(run, middle));
  label = LabelAt(cursor, run);
  return label && *label >= low ? label : std::nullopt;
}

}  // namespace

SortedSetOrder::Place SortedSetOrder::FindPlace(const std::string& run, std::string_view member) const {
  Place place;
  std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  cursor->Seek(LabelKey(run, 0));
  std::optional<uint64_t> first = LabelAt(*cursor, run);
  if (!first) return place;
  cursor->SeekBefore(LabelKey(run, kMaxLabel).append(1, '\0'));
  uint64_t low = *first;
  uint64_t high = LabelAt(*cursor, run).value_or(low);
  while (low <= high) {
    std::optional<uint64_t> label = SeekBetween(*cursor, run, low, high);
    if (!label) break;
    int order = LongMember(cursor->value()).compare(member);
    if (order == 0) {
      place.exact = label;
      break;
    }
    if (order < 0) {
      place.below = label;
      if (*label == kMaxLabel) break;
      low = *label + 1;
    } else {
      place.above = label;
      if (*label == 0) break;
      // Nothing lies between the middle and the label found behind it.
      high = std::min(*label - 1, low + (high - low) / 2);
    }
  }
  return place;
}

uint64_t SortedSetOrder::NewLabel(const std::string& run, std::string_view member) {
  for (;;) {
    Place place = FindPlace(run, member);
    if (!place.below && !place.above) return kFirstLabel;
    if (!place.above && kMaxLabel - *place.below >= kAppendStep) return *place.below + kAppendStep;
    if (!place.below && *place.above >= kAppendStep) return *place.above - kAppendStep;
    uint64_t low = place.below.value_or(0);
    uint64_t high = place.above.value_or(kMaxLabel);
    if (high - low >= 2) return low + (high - low) / 2;
    MakeRoom(run, low);
  }
}

// Widens the neighbourhood until its labels, spread evenly between the ones outside it, have room.
void SortedSetOrder::MakeRoom(const std::string& run, uint64_t below) {
  std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  for (size_t reach = kSmallestReach;; reach *= 2) {
    std::vector<Labelled> neighbours;
    cursor->SeekBefore(LabelKey(run, below).append(1, '\0'));
    for (; neighbours.size() < reach && LabelAt(*cursor, run); cursor->Prev()) {
      neighbours.push_back({*LabelAt(*cursor, run), std::string(cursor->value())});
    }
    uint64_t low = cursor->valid() ? LabelAt(*cursor, run).value_or(0) : 0;
    std::reverse(neighbours.begin(), neighbours.end());
    cursor->Seek(LabelKey(run, below).append(1, '\0'));
    for (size_t above = 0; above < reach && LabelAt(*cursor, run); cursor->Next(), ++above) {
      neighbours.push_back({*LabelAt(*cursor, run), std::string(cursor->value())});
    }
    uint64_t high = cursor->valid() ? LabelAt(*cursor, run).value_or(kMaxLabel) : kMaxLabel;
    uint64_t step = (high - low) / (neighbours.size() + 1);
    if (step >= kRoomyStep) return Relabel(run, neighbours, low, step);
  }
}

void SortedSetOrder::Relabel(const std::string& run, const std::vector<Labelled>& neighbours, uint64_t low,
                             uint64_t step) {
  for (const Labelled& neighbour : neighbours) transaction_.Delete(LabelKey(run, neighbour.label));
  uint64_t label = low;
  for (const Labelled& neighbour : neighbours) {
    label += step;
    transaction_.Insert(LabelKey(run, label), neighbour.reference);
    std::string key = ScoreKey(neighbour.reference);
    std::optional<std::string_view> stored = transaction_.Get(key);
    if (!stored) continue;
    std::string value(stored->substr(0, kScoreBytes));
    AppendU64(value, label);
    value.append(stored->substr(kScoreBytes + kLabelBytes));
    transaction_.Put(key, value);
  }
}

}  // namespace holdfast::storage
