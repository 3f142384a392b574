#include "tests/differential/agreement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "server/command/words.h"
#include "tests/differential/unfit.h"

namespace holdfast::differential {
namespace {

using resp::Reply;
using server::command::Lower;

struct Rule {
  std::string_view command;
  Agreement agreement;
};

constexpr std::array kRules = {
    Rule{"smembers", Agreement::kUnordered},
    Rule{"sinter", Agreement::kUnordered},
    Rule{"sunion", Agreement::kUnordered},
    Rule{"sdiff", Agreement::kUnordered},
    Rule{"keys", Agreement::kUnordered},
    Rule{"hkeys", Agreement::kUnordered},
    Rule{"hvals", Agreement::kUnordered},
    Rule{"pubsub channels", Agreement::kUnordered},
    Rule{"pubsub shardchannels", Agreement::kUnordered},
    Rule{"hgetall", Agreement::kPairs},
    Rule{"spop", Agreement::kCount},
    Rule{"srandmember", Agreement::kCount},
    Rule{"hrandfield", Agreement::kCount},
    Rule{"zrandmember", Agreement::kCount},
    Rule{"dbsize", Agreement::kType},  // keys that are to be deleted soon may count
    Rule{"randomkey", Agreement::kType},
    Rule{"scan", Agreement::kScan},
    Rule{"sscan", Agreement::kScan},
    Rule{"hscan", Agreement::kScan},
    Rule{"zscan", Agreement::kScan},
    Rule{"ttl", Agreement::kNear},
    Rule{"pttl", Agreement::kNear},
    Rule{"expiretime", Agreement::kNear},
    Rule{"pexpiretime", Agreement::kNear},
    Rule{"object idletime", Agreement::kNear},
    Rule{"object encoding", Agreement::kEncoding},
    Rule{"object refcount", Agreement::kType},
    Rule{"object help", Agreement::kType},
    Rule{"memory usage", Agreement::kNone},  // of keys that have expired, too
    Rule{"time", Agreement::kType},
    Rule{"lastsave", Agreement::kType},
    Rule{"info", Agreement::kType},
    Rule{"hello", Agreement::kType},
    Rule{"command", Agreement::kType},
    Rule{"command docs", Agreement::kType},
    Rule{"command list", Agreement::kType},
    Rule{"command info", Agreement::kType},
    Rule{"command count", Agreement::kType},
    Rule{"client id", Agreement::kType},
    Rule{"client list", Agreement::kType},
    Rule{"client info", Agreement::kType},
    Rule{"config get", Agreement::kType},
    Rule{"dump", Agreement::kType},  // the same value in other bytes (dump_test.cc)
    // 7.0 creates consumers that get something, 7.2 all that ask.
    Rule{"xgroup createconsumer", Agreement::kType},
    Rule{"xinfo consumers", Agreement::kType},
    Rule{"xinfo groups", Agreement::kType},
    Rule{"xinfo stream", Agreement::kType},
    Rule{"xpending", Agreement::kPending},
    Rule{"acl genpass", Agreement::kType},
    Rule{"acl dryrun", Agreement::kDenial},
    Rule{"acl getuser", Agreement::kUser},
};

std::string NameOf(std::span<const std::string> words, size_t count) {
  std::string name;
  for (size_t i = 0; i < std::min(count, words.size()); ++i) name += (i == 0 ? "" : " ") + Lower(words[i]);
  return name;
}

// Of 'return redis.call(unpack(ARGV))' and the like: the words of the command inside.
std::span<const std::string> CommandInScript(std::span<const std::string> words) {
  const std::string name = NameOf(words, 1);
  if (words.size() < 4 || !name.starts_with("eval")) return {};
  const size_t keys = std::strtoul(words[2].c_str(), nullptr, 10);
  if (words[1].find("unpack(ARGV)") == std::string::npos || words.size() < 4 + keys) return {};
  return words.subspan(3 + keys);
}

bool IsNumberText(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.e+-") == std::string::npos;
}

void RoundScores(Reply& reply) {
  if (reply.type == Reply::Type::kDouble || IsNumberText(reply.text)) {
    const double number = std::strtod(reply.text.c_str(), nullptr);
    reply.text =
        absl::StrFormat("%.15g", number == 0 ? 0 : number);  // small sorted sets do not keep the sign of -0
  }
  for (Reply& element : reply.elements) RoundScores(element);
}

bool Before(const Reply& a, const Reply& b) { return resp::FormatReply(a) < resp::FormatReply(b); }

void SortElements(Reply& reply) { std::sort(reply.elements.begin(), reply.elements.end(), Before); }

void SortPairs(Reply& reply) {
  if (reply.elements.size() % 2 != 0) return;
  std::vector<std::pair<std::string, size_t>> order;
  for (size_t i = 0; i < reply.elements.size(); i += 2) {
    order.emplace_back(resp::FormatReply(reply.elements[i]) + resp::FormatReply(reply.elements[i + 1]), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<Reply> sorted;
  for (const auto& [shown, at] : order) {
    sorted.push_back(reply.elements[at]);
    sorted.push_back(reply.elements[at + 1]);
  }
  reply.elements = std::move(sorted);
}

bool IsWholeScan(const Reply& reply) { return reply.elements.size() == 2 && reply.elements[0].text == "0"; }

bool AgreeOnScan(Reply& ours, Reply& theirs) {
  if (!IsWholeScan(ours) || !IsWholeScan(theirs)) return ours.elements.size() == theirs.elements.size();
  RoundScores(ours);
  RoundScores(theirs);
  SortElements(ours.elements[1]);
  SortElements(theirs.elements[1]);
  return ours == theirs;
}

// XPENDING's entries: the third of their four elements is a time.
void ForgetIdleTimes(Reply& reply) {
  for (Reply& entry : reply.elements) {
    if (entry.elements.size() == 4) entry.elements[2].integer = 0;
  }
}

// "User worker has no permissions ..." and 7.0's "This user has no permissions ...": what stands behind the
// user.
std::string_view WithoutUser(std::string_view denial) {
  return denial.substr(std::min(denial.size(), denial.find(" has no permissions")));
}

// What ACL GETUSER says of commands and sanitizing.
void ForgetCommandRules(Reply& map) {
  for (size_t i = 0; i + 1 < map.elements.size(); i += 2) {
    const std::string& name = map.elements[i].text;
    Reply& value = map.elements[i + 1];
    if (name == "commands") value.text.clear();
    if (name == "flags") {
      std::erase_if(value.elements,
                    [](const Reply& flag) { return flag.text.ends_with("sanitize-payload"); });
    } else if (name == "selectors") {
      for (Reply& selector : value.elements) ForgetCommandRules(selector);
    }
  }
}

bool IsPackedForm(const std::string& text) {
  return text == "listpack" || text == "quicklist" || text == "hashtable" || text == "raw" ||
         text == "skiplist";
}

}  // namespace

Agreement AgreementOn(std::span<const std::string> words) {
  const std::span<const std::string> inside = CommandInScript(words);
  if (!inside.empty()) return AgreementOn(inside);
  const std::string one = NameOf(words, 1);
  const std::string two = NameOf(words, 2);
  // From all: in any order.
  if (one.ends_with("unsubscribe") && words.size() == 1) return Agreement::kCount;
  if (one.starts_with("sort") && SortsInAnyOrder({words.begin(), words.end()})) return Agreement::kCount;
  if (one.ends_with("scan") && words.size() > (one == "scan" ? 1 : 2) &&
      words[one == "scan" ? 1 : 2] != "0") {
    return Agreement::kType;  // from somewhere
  }
  if (one == "xadd" && HasChance({words.begin(), words.end()})) return Agreement::kType;
  for (const Rule& rule : kRules) {
    if (rule.command == one || rule.command == two) return rule.agreement;
  }
  if (one.starts_with("z") || one.starts_with("bz") || one.starts_with("eval")) return Agreement::kScores;
  return two.ends_with(" help") ? Agreement::kType : Agreement::kExact;
}

bool Agree(Agreement agreement, Reply ours, Reply theirs) {
  if (agreement == Agreement::kNone) return true;
  if (ours.is_error() || theirs.is_error() || agreement == Agreement::kExact) return ours == theirs;
  switch (agreement) {
    case Agreement::kScores:
      RoundScores(ours);
      RoundScores(theirs);
      return ours == theirs;
    case Agreement::kUnordered:
      SortElements(ours);
      SortElements(theirs);
      return ours == theirs;
    case Agreement::kPairs:
      SortPairs(ours);
      SortPairs(theirs);
      return ours == theirs;
    case Agreement::kCount:
      return ours.type == theirs.type && ours.elements.size() == theirs.elements.size();
    case Agreement::kNear:
      return ours.type == theirs.type && (ours.integer < 0) == (theirs.integer < 0) &&
             std::abs(ours.integer - theirs.integer) < 10000;
    case Agreement::kPending:
      ForgetIdleTimes(ours);
      ForgetIdleTimes(theirs);
      return ours == theirs;
    case Agreement::kDenial:
      return ours.type == theirs.type && WithoutUser(ours.text) == WithoutUser(theirs.text);
    case Agreement::kUser:
      ForgetCommandRules(ours);
      ForgetCommandRules(theirs);
      return ours == theirs;
    case Agreement::kScan:
      return AgreeOnScan(ours, theirs);
    case Agreement::kEncoding:
      if (theirs.text == "raw") return ours.text == "raw" || ours.text == "embstr" || ours.text == "int";
      return ours == theirs || (IsPackedForm(ours.text) && IsPackedForm(theirs.text));
    default:
      return ours.type == theirs.type;
  }
}

bool AgreeOnAll(std::span<const Agreement> agreements, const Reply& ours, const Reply& theirs) {
  if (ours.elements.size() != theirs.elements.size() || ours.type != theirs.type) return false;
  if (ours.elements.size() != agreements.size()) return ours == theirs;
  for (size_t i = 0; i < agreements.size(); ++i) {
    if (!Agree(agreements[i], ours.elements[i], theirs.elements[i])) return false;
  }
  return true;
}

}  // namespace holdfast::differential
