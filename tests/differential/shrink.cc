#include "tests/differential/shrink.h"

#include <algorithm>

namespace holdfast::differential {
namespace {

// Whether they still differ; then what stands behind the difference is cut off.
bool StillDiffers(std::vector<Step>& steps, harness::Oracle& oracle) {
  const std::optional<Difference> difference = Duel(oracle).Play(steps);
  if (!difference) return false;
  steps.resize(std::min(steps.size(), difference->step + 1));
  return true;
}

std::vector<Step> Without(const std::vector<Step>& steps, size_t begin, size_t count) {
  std::vector<Step> rest(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(begin));
  const size_t end = std::min(steps.size(), begin + count);
  rest.insert(rest.end(), steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end());
  return rest;
}

void DropSteps(std::vector<Step>& steps, harness::Oracle& oracle) {
  for (size_t size = std::max<size_t>(1, steps.size() / 2); size > 0; size /= 2) {
    for (size_t begin = 0; begin < steps.size();) {
      std::vector<Step> fewer = Without(steps, begin, size);
      if (StillDiffers(fewer, oracle)) {
        steps = std::move(fewer);
      } else {
        begin += size;
      }
    }
  }
}

// Words of the steps that lead there; the last one keeps its own.
void DropWords(std::vector<Step>& steps, harness::Oracle& oracle) {
  for (size_t i = 0; i + 1 < steps.size(); ++i) {
    for (size_t word = steps[i].words.size() - 1; word > 1; --word) {
      std::vector<Step> fewer = steps;
      fewer[i].words.erase(fewer[i].words.begin() + static_cast<std::ptrdiff_t>(word));
      if (StillDiffers(fewer, oracle) && fewer.size() == steps.size()) steps = std::move(fewer);
    }
  }
}

}  // namespace

std::vector<Step> Shrink(std::vector<Step> steps, harness::Oracle& oracle) {
  if (!StillDiffers(steps, oracle)) return {};
  DropSteps(steps, oracle);
  DropWords(steps, oracle);
  return steps;
}

std::string AsTranscript(const std::vector<Step>& steps, harness::Oracle& oracle) {
  std::string heard;
  (void)Duel(oracle).Play(steps, &heard);
  return heard;
}

}  // namespace holdfast::differential
