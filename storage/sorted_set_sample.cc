// Random elements of a SortedSet.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "storage/sorted_set.h"

namespace holdfast::storage {

ScoredMember SortedSet::Draw() const {
  // The chance of an element is the gap in front of its hash; some steps more make it the mean of as many
  // gaps.
  constexpr uint64_t kSteps = 16;
  Transaction& transaction = keyspace_.transaction();
  if (inline_form()) return items_[transaction.Random() % items_.size()];
  const uint64_t hash = transaction.Random();
  return order().NearHash(hash, transaction.Random() % std::min(size(), kSteps));
}

std::vector<ScoredMember> SortedSet::Sample(uint64_t count) const {
  std::vector<ScoredMember> chosen;
  if (!inline_form() && count < size() / 3) {
    absl::flat_hash_set<std::string_view> seen;
    // One and a half draws an element are to be expected; the bound is for a set that lost entries.
    for (uint64_t draws = 100 + 20 * count; chosen.size() < count && draws > 0; --draws) {
      const ScoredMember element = Draw();
      if (seen.insert(element.member).second) chosen.push_back(element);
    }
    return chosen;
  }
  // Each element is taken with the chance (still wanted) / (still to come).
  const std::unique_ptr<SortedSetWalk> walk = NewWalk({}, Direction::kForward);
  for (uint64_t to_come = size(); to_come > 0 && walk->valid(); --to_come, walk->Next()) {
    if (keyspace_.transaction().Random() % to_come >= count - chosen.size()) continue;
    chosen.push_back(walk->current());
    if (chosen.size() == count) break;
  }
  return chosen;
}

std::vector<ScoredMember> SortedSet::SampleWithRepeats(uint64_t count) const {
  std::vector<ScoredMember> chosen;
  if (size() == 0) return chosen;
  if (inline_form() || count < size() / 3) {
    for (; count > 0; --count) chosen.push_back(Draw());
    return chosen;
  }
  const std::vector<ScoredMember> all = SelectRanks(0, size(), Direction::kForward);
  for (; count > 0 && !all.empty(); --count) {
    chosen.push_back(all[keyspace_.transaction().Random() % all.size()]);
  }
  return chosen;
}

}  // namespace holdfast::storage
