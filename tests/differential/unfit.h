#pragma once

#include <string>
#include <vector>

// Requests that no story has, or only outside of transactions: what two servers of these versions cannot
// agree on.
namespace holdfast::differential {

// What 7.2 does otherwise than 7.0, what depends on the moment, or what would stop the story.
[[nodiscard]] bool IsUnfit(const std::vector<std::string>& words);

// Its effect is drawn by the server: only outside of transactions and scripts, where the test can mend it.
[[nodiscard]] bool HasChance(const std::vector<std::string>& words);

// Of several keys 7.0 serves the one that was changed, 7.2 runs the command again from the top.
[[nodiscard]] bool WaitsForSeveral(const std::vector<std::string>& words);

// SORT of a set by nothing, or by texts that may be equal: its elements come in any order.
[[nodiscard]] bool SortsInAnyOrder(const std::vector<std::string>& words);

}  // namespace holdfast::differential
