#include "server/engine/top_counts.h"

#include <algorithm>

namespace holdfast::server::engine {

void TopCounts::Add(std::string_view name) {
  name = name.substr(0, kLongestName);
  if (const auto found = counts_.find(name); found != counts_.end()) {
    ++found->second;
    return;
  }
  if (counts_.size() >= most_names_) {
    const auto smallest = std::min_element(counts_.begin(), counts_.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
    others_ += smallest->second;
    counts_.erase(smallest);
  }
  counts_.emplace(std::string(name), 1);
}

void TopCounts::Clear() {
  counts_.clear();
  others_ = 0;
}

std::vector<TopCounts::Count> TopCounts::Largest(size_t most) const {
  std::vector<Count> all;
  all.reserve(counts_.size());
  for (const auto& [name, count] : counts_) all.push_back({name, count});
  std::sort(all.begin(), all.end(), [](const Count& a, const Count& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  });
  all.resize(std::min(most, all.size()));
  return all;
}

}  // namespace holdfast::server::engine
