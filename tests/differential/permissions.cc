#include "tests/differential/permissions.h"

#include <algorithm>
#include <cstdlib>

#include "resp/number.h"
#include "server/command/acl_category.h"

namespace holdfast::differential {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view kKeyRules[] = {"~s*",     "~l1",   "~[tz]?",  "~*",     "allkeys", "resetkeys",
                                          "%R~s*",   "%W~h*", "%RW~*",   "%R~*",   "%W~*1",   "%WR~x*",
                                          "%r~l*",   "~",     "%X~s*",   "%~s",    "%R",      "%RR~s1",
                                          "%RWR~s1", "~a b",  "~?[1-2]", "%W~\\*", "~h\\1"};
constexpr std::string_view kChannelRules[] = {"&c1",           "&c*",   "&*", "allchannels",
                                              "resetchannels", "&[c]?", "& ", "&"};
constexpr std::string_view kUserRules[] = {
    "on",        "off",
    "nopass",    "resetpass",
    ">secret",   "<secret",
    "<nosuch",   "#2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
    "#abc",      "!2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
    "!xyz",      "reset",
    "nonsense",  "skip-sanitize-payload",
    "(",         ")",
    "()",        "clearselectors",
    "ALLKEYS",   "OFF",
    "(~s* +get", "+get)"};
constexpr std::string_view kOddCommandRules[] = {
    "+select|0",   "+get|s1",    "-get|s1",        "+config|get|x",
    "+nosuch",     "-nosuch",    "+@nosuch",       "+",
    "-",           "+@",         "+config|",       "+config",
    "-config|set", "+|",         "+client|nosuch", "-client|nosuch",
    "+SET",        "+xadd|x1",   "+@ALL",          "-@all",
    "allcommands", "nocommands", "+publish|c1"};

// 7.2 has changed how many words they take, or they never run here: MIGRATE.
bool IsLeftOut(std::string_view name) {
  return name.starts_with("command|getkeys") || name == "zrank" || name == "zrevrank" || name == "migrate";
}

// Redis finds keys behind counts like "1 " and "1e2", with which the command fails anyway.
bool CountsOddly(const server::command::Table::Entry& entry, const Words& words) {
  const std::vector<server::command::KeySpec>& specs = entry.syntax.keys();
  return std::any_of(specs.begin(), specs.end(), [&](const server::command::KeySpec& spec) {
    if (spec.find != server::command::KeySpec::Find::kCounted) return false;
    const auto at = static_cast<size_t>(spec.first);
    return at < words.size() && !resp::ParseInteger(words[at]) && std::atoi(words[at].c_str()) > 0;
  });
}

}  // namespace

PermissionStories::PermissionStories(uint64_t seed, const server::command::Table& table,
                                     const KnownSyntax& known)
    : dice_(seed), requests_(dice_, known) {
  for (size_t i = 0; i < table.size(); ++i) {
    const Entry& entry = table.at(i);
    if (entry.command->run != nullptr && known.HasCommand(entry.command->name) &&
        !IsLeftOut(entry.command->name)) {
      commands_.push_back(&entry);
    }
  }
}

std::string PermissionStories::CommandRule() {
  if (dice_.OnceIn(5)) return dice_.OneOf(kOddCommandRules);
  const std::string sign = dice_.OnceIn(3) ? "-" : "+";
  if (!dice_.OnceIn(3)) return sign + std::string(AnyCommand().command->name);
  return sign + "@" + dice_.OneOf(server::command::CategoryNames());
}

std::string PermissionStories::SelectorRule() {
  if (dice_.OnceIn(6)) return dice_.OneOf(kChannelRules);
  return dice_.OnceIn(2) ? dice_.OneOf(kKeyRules) : CommandRule();
}

std::string PermissionStories::Rule() {
  if (dice_.OnceIn(10)) return dice_.OneOf(kUserRules);
  if (!dice_.OnceIn(8)) return SelectorRule();
  std::string selector = "(" + SelectorRule();
  while (dice_.OnceIn(2)) selector += " " + SelectorRule();
  return selector + ")";
}

// All of them are refused if one is: mostly few.
Words PermissionStories::Rules() {
  Words words = {"ACL", "SETUSER", "worker"};
  if (dice_.OnceIn(4)) words.emplace_back("+@all");
  do words.push_back(Rule());
  while (dice_.OnceIn(2));
  return words;
}

Words PermissionStories::Drawn() {
  while (true) {
    const Entry& entry = AnyCommand();
    Words words = requests_.Draw(entry);
    // 7.0 shows a denied key only up to that.
    const bool has_null = std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word.find('\0') != std::string::npos;
    });
    if (!has_null && !CountsOddly(entry, words)) return words;
  }
}

Words PermissionStories::Question() {
  if (dice_.OnceIn(10)) return {"ACL", "GETUSER", "worker"};
  Words words = dice_.OnceIn(4) ? Words{"COMMAND", "GETKEYSANDFLAGS"} : Words{"ACL", "DRYRUN", "worker"};
  for (std::string& word : Drawn()) words.push_back(std::move(word));
  // 7.0 wants a word behind the name, 7.2 does not.
  if (words.size() == 3 && words[0] == "COMMAND") words.emplace_back("s1");
  return words;
}

std::vector<Step> PermissionStories::Draw(size_t steps) {
  std::vector<Step> story = {{"main", {"ACL", "SETUSER", "worker"}}};
  while (story.size() < steps) story.push_back({"main", dice_.OnceIn(5) ? Rules() : Question()});
  return story;
}

}  // namespace holdfast::differential
