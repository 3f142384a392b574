#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/acl_user.h"
#include "server/command/client.h"
#include "server/command/context.h"
#include "server/command/index_range.h"
#include "server/command/services.h"
#include "server/command/table.h"
#include "server/command/words.h"
#include "server/commands/families.h"
#include "storage/hash.h"
#include "storage/list.h"
#include "storage/set.h"
#include "storage/sorted_set.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::IndexRange;
using command::Outcome;
using storage::Direction;
using storage::ValueType;

const CommandError kByDenied("ERR BY option of SORT denied due to insufficient ACL permissions.");
const CommandError kGetDenied("ERR GET option of SORT denied due to insufficient ACL permissions.");
const CommandError kScoreNotNumber("ERR One or more scores can't be converted into double");

// A word of BY or GET: "#" is the element itself; in others the first '*' stands for the element, and what
// follows a "->" behind it is a field of the hash at that key.
class Pattern {
 public:
  explicit Pattern(std::string_view text) : text_(text), star_(text.find('*')) {
    if (star_ == std::string_view::npos) return;
    suffix_ = text.substr(star_ + 1);
    const size_t arrow = suffix_.find("->");
    if (arrow == std::string_view::npos || arrow + 2 == suffix_.size()) return;
    field_ = suffix_.substr(arrow + 2);
    suffix_ = suffix_.substr(0, arrow);
  }

  // Says the same of every element.
  [[nodiscard]] bool constant() const { return star_ == std::string_view::npos; }

  // What it stands for; nullopt where there is no such key or field, or one of another type.
  [[nodiscard]] std::optional<std::string_view> Resolve(storage::Keyspace& keyspace,
                                                        std::string_view element) const {
    if (text_ == "#") return element;
    if (constant()) return std::nullopt;
    const std::string key = command::Concat({text_.substr(0, star_), element, suffix_});
    if (field_) {
      const storage::Hash hash(keyspace, key);
      return hash.wrong_type() ? std::nullopt : hash.Get(*field_);
    }
    const std::optional<storage::Entry> entry = keyspace.Find(key);
    if (!entry || entry->type != ValueType::kString) return std::nullopt;
    return entry->value;
  }

 private:
  std::string_view text_;
  size_t star_;
  std::string_view suffix_;
  std::optional<std::string_view> field_;
};

// What SORT is asked for behind its key.
struct Request {
  std::optional<Pattern> by;
  bool reads_all_keys = true;  // the user may read keys that nobody names
  bool sorts = true;           // false: BY a constant, which keeps the value's own order
  bool descending = false;
  bool alpha = false;
  int64_t offset = 0;
  int64_t count = -1;  // negative: all
  std::vector<Pattern> gets;
  std::optional<std::string_view> destination;

  void Read(Args& args, bool may_store) {
    while (!args.done() && !args.failed()) {
      if (!ReadOption(args, may_store)) args.Fail(command::kSyntaxError);
    }
  }

  // Which of `elements` elements LIMIT leaves.
  [[nodiscard]] IndexRange Window(uint64_t elements) const {
    const uint64_t first = std::min(static_cast<uint64_t>(std::max<int64_t>(offset, 0)), elements);
    const uint64_t most = elements - first;
    return {first, count < 0 ? most : std::min(static_cast<uint64_t>(count), most)};
  }

 private:
  bool ReadOption(Args& args, bool may_store) {
    if (args.Keyword("ASC")) {
      descending = false;
    } else if (args.Keyword("DESC")) {
      descending = true;
    } else if (args.Keyword("ALPHA")) {
      alpha = true;
    } else if (args.remaining() > 2 && args.Keyword("LIMIT")) {
      offset = args.Integer();
      count = args.Integer();
    } else if (args.remaining() > 1 && may_store && args.Keyword("STORE")) {
      destination = args.Bytes();
    } else if (args.remaining() > 1 && args.Keyword("BY")) {
      by = Pattern(args.Bytes());
      sorts = sorts && !by->constant();
      if (!reads_all_keys && !by->constant()) args.Fail(kByDenied);
    } else if (args.remaining() > 1 && args.Keyword("GET")) {
      gets.emplace_back(args.Bytes());
      if (!reads_all_keys) args.Fail(kGetDenied);
    } else {
      return false;
    }
    return true;
  }
};

struct Item {
  std::string_view element;
  std::optional<std::string_view> text{};  // what ALPHA compares
  double number = 0;                       // what is compared otherwise; 0 where BY finds nothing
};

// Of a list or sorted set those in `range`, counted in `direction`; all of a set, in the order in which it is
// kept.
std::vector<std::string_view> Elements(Context& context, std::string_view key, ValueType type,
                                       const IndexRange& range, Direction direction) {
  std::vector<std::string_view> elements;
  const auto add = [&](std::string_view element) { elements.push_back(element); };
  if (type == ValueType::kList) {
    storage::List list(context.keyspace, key);
    const bool forward = direction == Direction::kForward;
    list.Range(forward ? range.first : list.size() - range.first - range.count, range.count, add);
    if (!forward) std::reverse(elements.begin(), elements.end());
  } else if (type == ValueType::kSet) {
    storage::Set(context.keyspace, key).elements().Visit([&](std::string_view member, std::string_view) {
      add(member);
      return true;
    });
  } else {
    const storage::SortedSet set(context.keyspace, key);
    for (const auto& element : set.SelectRanks(range.first, range.count, direction)) add(element.member);
  }
  return elements;
}

// As C reads it: spaces in front are skipped, an empty text is 0, a NUL ends it.
std::optional<double> ReadNumber(std::string_view text) {
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(terminated.c_str(), &end);
  if (*end != '\0' || errno == ERANGE || std::isnan(number)) return std::nullopt;
  return number;
}

// Finds out by what each item is compared. False if that is no number where it must be.
bool Weigh(Context& context, const Request& request, std::vector<Item>& items) {
  bool numbers = true;
  for (Item& item : items) {
    const std::optional<std::string_view> weight =
        request.by ? request.by->Resolve(context.keyspace, item.element) : item.element;
    if (request.alpha) {
      item.text = weight;
    } else if (weight) {
      const std::optional<double> number = ReadNumber(*weight);
      item.number = number.value_or(0);
      numbers &= number.has_value();
    }
  }
  return numbers;
}

// Equal numbers go by their elements' bytes. Texts that are absent come first, and equal ones stay in order.
void Sort(const Request& request, std::vector<Item>& items) {
  const auto precedes = [&request](const Item& a, const Item& b) {
    if (request.alpha) return a.text < b.text;
    return a.number != b.number ? a.number < b.number : a.element < b.element;
  };
  std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    return request.descending ? precedes(b, a) : precedes(a, b);
  });
}

void Cut(const IndexRange& range, std::vector<Item>& items) {
  const auto first = items.begin() + static_cast<std::ptrdiff_t>(range.first);
  items.erase(first + static_cast<std::ptrdiff_t>(range.count), items.end());
  items.erase(items.begin(), first);
}

using Values = std::vector<std::optional<std::string_view>>;

// The items' elements, or what each GET finds for them.
Values Output(Context& context, const Request& request, const std::vector<Item>& items) {
  Values values;
  for (const Item& item : items) {
    if (request.gets.empty()) values.emplace_back(item.element);
    for (const Pattern& pattern : request.gets) {
      values.push_back(pattern.Resolve(context.keyspace, item.element));
    }
  }
  return values;
}

void Reply(Context& context, const Values& values) {
  context.reply.Array(values.size());
  for (const auto& value : values) value ? context.reply.Bulk(*value) : context.reply.Null();
}

void Store(Context& context, std::string_view destination, const Values& values) {
  std::vector<std::string_view> elements;
  elements.reserve(values.size());
  for (const auto& value : values) elements.push_back(value.value_or(std::string_view()));
  const bool existed = context.keyspace.Remove(destination);
  if (!elements.empty()) {
    storage::List(context.keyspace, destination).Push(storage::End::kBack, elements);
  }
  context.keyspace.NotifyStore(storage::EventClass::kList, "sortstore", destination, !elements.empty(),
                               existed);
  context.reply.Integer(static_cast<int64_t>(elements.size()));
}

bool CanBeSorted(ValueType type) {
  return type == ValueType::kList || type == ValueType::kSet || type == ValueType::kSortedSet;
}

// A set that is kept or seen by a script comes in an order that does not depend on how it is held.
void SettleOrder(const Context& context, ValueType type, Request& request) {
  if (request.sorts || type != ValueType::kSet) return;
  if (!request.destination && !context.client.in_script) return;
  request.sorts = true;
  request.alpha = true;
  request.by.reset();
}

// The elements that the reply is about, in its order.
std::optional<CommandError> Select(Context& context, std::string_view key, Request& request,
                                   std::vector<Item>& items) {
  const std::optional<storage::Entry> entry = context.keyspace.Find(key);
  if (!entry) return std::nullopt;
  if (!CanBeSorted(entry->type)) return command::kWrongType;
  SettleOrder(context, entry->type, request);
  const IndexRange window = request.Window(entry->count);
  const bool in_order = !request.sorts && entry->type != ValueType::kSet;
  const Direction direction = in_order && request.descending ? Direction::kReverse : Direction::kForward;
  const IndexRange wanted = in_order ? window : IndexRange{0, entry->count};
  for (const std::string_view element : Elements(context, key, entry->type, wanted, direction)) {
    items.push_back({element});
  }
  if (request.sorts) {
    if (!Weigh(context, request, items)) return kScoreNotNumber;
    Sort(request, items);
  }
  if (!in_order) Cut(window, items);
  return std::nullopt;
}

bool ReadsAllKeys(Context& context) {
  const auto words = context.args.words();
  const command::Table::Entry& entry = *context.services.table().Named(words);
  return context.services.acl().UserOf(context.client).ReadsAllKeys(entry, words);
}

Outcome Sort(Context& context, bool may_store) {
  const std::string_view key = context.args.Bytes();
  Request request;
  request.reads_all_keys = ReadsAllKeys(context);
  request.Read(context.args, may_store);
  if (auto error = context.args.Finish()) return *error;
  std::vector<Item> items;
  if (auto error = Select(context, key, request, items)) return *error;
  const Values values = Output(context, request, items);
  request.destination ? Store(context, *request.destination, values) : Reply(context, values);
  return Done{};
}

Outcome SortMayStore(Context& context) { return Sort(context, true); }
Outcome SortReadOnly(Context& context) { return Sort(context, false); }

constexpr std::string_view kCost = "O(N+M*log(M)), N being the elements and M those in the reply";

constexpr Command kSortCommands[] = {
    {"sort",
     "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] "
     "[STORE destination]",
     command::kWrite | command::kGrows, "generic", "1.0.0", kCost,
     "Sorts the elements of a list, set or sorted set, by themselves or by other keys' values.", SortMayStore,
     "RO access, RO access, OW update", "set sortedset list dangerous"},
    {"sort_ro", "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]",
     command::kReadOnly, "generic", "7.0.0", kCost,
     "Sorts the elements of a list, set or sorted set; never stores.", SortReadOnly, "",
     "set sortedset list dangerous"},
};

}  // namespace

Family SortCommands() { return kSortCommands; }

}  // namespace holdfast::server::commands
