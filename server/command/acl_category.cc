#include "server/command/acl_category.h"

#include <algorithm>
#include <array>

#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

constexpr std::array<std::string_view, 21> kNames = {
    "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
    "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
    "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting"};

// Groups of the documentation whose categories have another name.
struct GroupCategory {
  std::string_view group;
  std::string_view category;
};
constexpr GroupCategory kGroups[] = {
    {"generic", "keyspace"},
    {"sorted-set", "sortedset"},
    {"transactions", "transaction"},
    {"pubsub", ""},  // by the flag alone: PUBSUB HELP is not in it
};

Categories Bit(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  return found == kNames.end() ? 0 : Categories{1} << (found - kNames.begin());
}

Categories OfGroup(const Command& command) {
  // A container that is no command itself belongs to nothing; its subcommands do.
  if (command.run == nullptr) return 0;
  for (const auto& [group, category] : kGroups) {
    if (group == command.group) return Bit(category);
  }
  return Bit(command.group);
}

Categories Named(std::string_view names) {
  Categories categories = 0;
  for (const std::string_view name : SplitWords(names)) categories |= Bit(name);
  return categories;
}

}  // namespace

std::span<const std::string_view> CategoryNames() { return kNames; }

std::optional<Categories> FindCategory(std::string_view name) {
  const Categories bit = Bit(Lower(name));
  if (bit == 0) return std::nullopt;
  return bit;
}

Categories CategoriesOf(const Command& command) {
  Categories categories = command.categories.empty() ? OfGroup(command) : Named(command.categories);
  const auto has = [&](uint32_t flag) { return (command.flags & flag) != 0; };
  if (has(kWrite)) categories |= Bit("write");
  // Running scripts is no way to read.
  if (has(kReadOnly) && !has(kScript)) categories |= Bit("read");
  if (has(kAdmin)) categories |= Bit("admin") | Bit("dangerous");
  if (has(kPubSub)) categories |= Bit("pubsub");
  if (has(kBlocking)) categories |= Bit("blocking");
  return categories | (has(kFast) ? Bit("fast") : Bit("slow"));
}

}  // namespace holdfast::server::command
