#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/differential/duel.h"
#include "tests/harness/oracle.h"

namespace holdfast::differential {

// The fewest steps found that still show a difference of the last step's command, or of the data at the end.
[[nodiscard]] std::vector<Step> Shrink(std::vector<Step> steps, harness::Oracle& oracle);

// `steps` and what the oracle says to them, in the notation of tests/transcripts.
[[nodiscard]] std::string AsTranscript(const std::vector<Step>& steps, harness::Oracle& oracle);

}  // namespace holdfast::differential
