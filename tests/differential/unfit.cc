#include "tests/differential/unfit.h"

#include <algorithm>
#include <string_view>

#include "resp/number.h"
#include "server/command/words.h"

namespace holdfast::differential {
namespace {

using server::command::EqualsIgnoreCase;
using server::command::Lower;
using Words = std::vector<std::string>;

constexpr std::string_view kLargest = "9223372036854775807";

bool Has(const Words& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [word](const std::string& one) { return EqualsIgnoreCase(one, word); });
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A time to live of less than two minutes would end while the story is played, or be different on two clocks.
bool ExpiresSoon(const std::string& name, const Words& words) {
  const bool always = Contains(name, "expire") || name == "setex" || name == "psetex" ||
                      name.starts_with("restore") || name == "getex";
  if (!always && !Has(words, "EX") && !Has(words, "PX")) return false;
  const bool milliseconds = name.starts_with("p") || name.starts_with("restore") || Has(words, "PX");
  const bool absolute =
      name.ends_with("at") || Has(words, "EXAT") || Has(words, "PXAT") || Has(words, "ABSTTL");
  return !absolute && std::any_of(words.begin() + 1, words.end(), [&](const std::string& word) {
    const auto number = resp::ParseInteger(word);
    return number && *number > 0 && *number < (milliseconds ? 120000 : 120);
  });
}

// The same time to live from now on, twice: the second is later by a millisecond, or is not.
bool ComparesMoments(const std::string& name, const Words& words) {
  const bool from_now = name == "expire" || name == "pexpire" || name == "hexpire" || name == "hpexpire";
  return from_now && (Has(words, "GT") || Has(words, "LT")) &&
         std::none_of(words.begin(), words.end(), [](const std::string& word) { return word.size() == 9; });
}

// 7.2 reads all words before it looks at the password, or sets the name.
bool GreetsOddly(const Words& words) {
  return (Has(words, "AUTH") && words.size() != 5) || (Has(words, "SETNAME") && words.size() > 4);
}

// 7.2 has another text where keys and ids are not as many, and runs a group's waiting reader again when its
// key or group goes; 7.0 gives it errors of its own.
bool ReadsOddly(const std::string& name, const Words& words) {
  const auto streams = std::find_if(
      words.begin(), words.end(), [](const std::string& word) { return EqualsIgnoreCase(word, "STREAMS"); });
  return (name == "xreadgroup" && Has(words, "BLOCK")) || (words.end() - streams) % 2 == 0;
}

// An entry that is trimmed at once wakes 7.0's readers with nothing; 7.2's wait on.
bool AddsNothing(const Words& words) {
  if (Has(words, "MINID")) return !Has(words, "*");
  return Has(words, "MAXLEN") && Has(words, "0");
}

// The whole table: more than arrives at once.
bool AsksForAllCommands(const Words& words) {
  // 7.2 also answers GETKEYS of a command that is its name alone.
  if (words.size() < 4 && (Has(words, "getkeys") || Has(words, "getkeysandflags"))) return true;
  return words.size() < 2 || (words.size() < 3 && (Has(words, "docs") || Has(words, "info")));
}

}  // namespace

bool IsUnfit(const Words& words) {
  const std::string name = Lower(words[0]);
  if (words.size() > 1 && words[1].starts_with("$id")) return true;              // as a subcommand
  if ((name == "zrank" || name == "zrevrank") && words.size() > 3) return true;  // WITHSCORE since 7.2
  if (name == "wait" && words.size() > 1 && resp::ParseInteger(words[1]).value_or(0) > 0) return true;
  if (name == "hello" && GreetsOddly(words)) return true;
  if (name == "command" && AsksForAllCommands(words)) return true;
  // Longer than 64 bits of milliseconds: 7.2 has a text of its own.
  const bool blocks =
      Has(words, "BLOCK") || (name.starts_with("b") && (Contains(name, "pop") || Contains(name, "move")));
  if (blocks && Has(words, kLargest)) return true;
  // PUBSUB CHANNELS * does not show it, without * it does.
  if (name.ends_with("subscribe") && Has(words, "")) return true;
  if (name == "sort" && Has(words, "STORE") && SortsInAnyOrder(words)) return true;
  if (name == "client" && words.size() > 1 && EqualsIgnoreCase(words[1], "reply")) return true;
  if (name.starts_with("restore") && Has(words, "IDLETIME")) return true;  // 24 bits of seconds begin anew
  if (name == "xadd" && AddsNothing(words)) return true;
  if (name.starts_with("xread") && ReadsOddly(name, words)) return true;
  return ExpiresSoon(name, words) || ComparesMoments(name, words);
}

bool HasChance(const Words& words) {
  const std::string name = Lower(words[0]);
  return name == "spop" || (name == "xadd" && Has(words, "*"));
}

bool WaitsForSeveral(const Words& words) {
  const std::string name = Lower(words[0]);
  if (name == "blpop" || name == "brpop" || name == "bzpopmin" || name == "bzpopmax") return words.size() > 3;
  if (name == "blmpop" || name == "bzmpop") return words.size() > 2 && words[2] != "1";
  if (!name.starts_with("xread") || !Has(words, "BLOCK")) return false;
  const auto streams = std::find_if(
      words.begin(), words.end(), [](const std::string& word) { return EqualsIgnoreCase(word, "STREAMS"); });
  return words.end() - streams > 3;
}

bool SortsInAnyOrder(const Words& words) {
  for (size_t i = 2; i + 1 < words.size(); ++i) {
    if (!EqualsIgnoreCase(words[i], "BY")) continue;
    if (Has(words, "ALPHA")) return true;
    if (!words[1].starts_with("l") && !Contains(words[i + 1], "*")) return true;
  }
  return false;
}

}  // namespace holdfast::differential
