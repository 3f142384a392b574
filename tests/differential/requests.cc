#include "tests/differential/requests.h"

#include <algorithm>
#include <cctype>

#include "server/command/words.h"

namespace holdfast::differential {
namespace {

using server::command::Argument;
using server::command::EqualsIgnoreCase;
using server::command::Lower;
using server::command::Upper;

bool Contains(const std::vector<std::string>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [word](const std::string& one) { return EqualsIgnoreCase(one, word); });
}

bool HasKey(const Argument& argument) {
  return argument.type == Argument::Type::kKey ||
         std::any_of(argument.children.begin(), argument.children.end(), HasKey);
}

// As many of them as there are keys.
bool GoesWithKeys(const Argument& argument) { return argument.name == "weight" || argument.name == "id"; }

std::string Mixed(std::string word, Dice& dice) {
  for (char& c : word) {
    if (dice.OnceIn(2)) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return word;
}

}  // namespace

void CollectTokens(const std::vector<Argument>& arguments, std::set<std::string>& tokens) {
  for (const Argument& argument : arguments) {
    if (!argument.token.empty()) tokens.insert(Upper(argument.token));
    CollectTokens(argument.children, tokens);
  }
}

void Requests::Token(const std::string& token) {
  ++drawn_tokens_[std::string(entry_->command->name) + " " + Upper(token)];
  words_.push_back(dice_.OnceIn(12) ? Mixed(token, dice_) : token);
}

// False for what only newer versions than the oracle's have.
bool Requests::Draws(const Argument& argument) {
  if (!argument.token.empty() && !known_.HasToken(entry_->command->name, Upper(argument.token))) return false;
  if (argument.type != Argument::Type::kOneOf) return true;
  return std::any_of(argument.children.begin(), argument.children.end(),
                     [this](const Argument& child) { return Draws(child); });
}

void Requests::Once(const Argument& argument) {
  if (argument.type == Argument::Type::kPureToken) return Token(argument.token);
  if (!argument.token.empty()) Token(argument.token);
  if (argument.type == Argument::Type::kOneOf) {
    const Argument* child = nullptr;
    do child = &argument.children[dice_.Below(argument.children.size())];
    while (!Draws(*child));
    One(*child);
  } else if (argument.type == Argument::Type::kBlock) {
    Sequence(argument.children);
  } else {
    words_.push_back(vocabulary_.Word(*entry_, argument, odd_ && dice_.OnceIn(3)));
  }
}

size_t Requests::Repetitions(const Argument& argument) {
  if (!argument.multiple) return 1;
  if (GoesWithKeys(argument) && keys_ > 0) return keys_;
  size_t times = 1;
  while (times < 6 && dice_.OnceIn(2)) ++times;
  return times;
}

void Requests::One(const Argument& argument) {
  const size_t times = Repetitions(argument);
  if (HasKey(argument)) keys_ = times;
  if (argument.multiple && !argument.multiple_token && !argument.token.empty()) {
    Token(argument.token);
    Argument bare = argument;
    bare.token.clear();
    for (size_t i = 0; i < times; ++i) Once(bare);
    return;
  }
  for (size_t i = 0; i < times; ++i) Once(argument);
}

void Requests::Sequence(const Arguments& arguments) {
  size_t count_at = 0;
  for (const Argument& argument : arguments) {
    if (!Draws(argument)) continue;
    if (argument.optional && !dice_.OnceIn(arguments.size() > 3 ? 3 : 2)) {
      if (HasKey(argument) && count_at != 0) words_[count_at] = "0";
      continue;
    }
    One(argument);
    if (argument.name == "numkeys") {
      count_at = words_.size() - 1;
      if (odd_ && dice_.OnceIn(4)) count_at = 0;
    } else if (HasKey(argument) && count_at != 0) {
      words_[count_at] = std::to_string(keys_);
      count_at = 0;
    }
  }
}

// ZRANGE's bounds depend on the words behind them. Ranges by name make sense only where all scores are equal:
// sorted sets whose key begins with y.
void Requests::SuitRanges() {
  const std::string_view name = entry_->command->name;
  const bool by_name = Contains(words_, "BYLEX") || name.ends_with("lex") || name == "zlexcount";
  const size_t first = name == "zrangestore" ? 3 : 2;
  const bool by_score = Contains(words_, "BYSCORE");
  for (size_t i = first; (by_name || by_score) && i < first + 2 && i < words_.size(); ++i) {
    if (name.starts_with("zrange") && (name == "zrange" || name == "zrangestore")) {
      words_[i] = by_name ? vocabulary_.NameBound() : vocabulary_.ScoreBound();
    }
  }
  if (by_name && words_.size() > first - 1) {
    words_[first - 1] = dice_.OnceIn(2) ? "y1" : "y2";
  }
  if (name == "zadd" && dice_.OnceIn(5)) {
    Argument member;
    member.name = "member";
    words_ = {"ZADD", dice_.OnceIn(2) ? "y1" : "y2"};
    for (size_t i = 0; i <= dice_.Below(3); ++i) {
      words_.emplace_back("0");
      words_.push_back(vocabulary_.Word(*entry_, member, false));
    }
  }
}

// GT and LT compare times to live: no two are the same.
void Requests::SuitTimes() {
  if (words_.size() < 3 || !(Contains(words_, "GT") || Contains(words_, "LT"))) return;
  if (words_[2].size() > 2 && dice_.OnceIn(10)) return;
  words_[2] = std::to_string(100000000 + dice_.Below(900000000));
}

void Requests::Damage() {
  if (words_.size() > 1 && words_[1].starts_with("y")) return;
  const size_t at = 1 + dice_.Below(words_.size());
  const bool inside = at < words_.size();
  switch (dice_.Below(5)) {
    case 0:
      if (inside) words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      if (inside) words_.insert(words_.begin() + static_cast<std::ptrdiff_t>(at), words_[at]);
      break;
    case 2:
      if (inside) std::swap(words_[at], words_[1 + dice_.Below(words_.size() - 1)]);
      break;
    case 3:
      words_.insert(words_.begin() + static_cast<std::ptrdiff_t>(at), vocabulary_.OddWord());
      break;
    default:
      if (inside) words_[at] = vocabulary_.OddWord();
  }
}

std::vector<std::string> Requests::Draw(const server::command::Table::Entry& entry) {
  entry_ = &entry;
  keys_ = 0;
  odd_ = dice_.OnceIn(4);
  const std::string name(entry.command->name);
  words_ = {Upper(name.substr(0, name.find('|')))};
  if (entry.container != nullptr) words_.push_back(Upper(name.substr(name.find('|') + 1)));
  Sequence(entry.syntax.arguments());
  if (entry.command->group == "sorted-set") SuitRanges();
  const bool from_now = name == "expire" || name == "pexpire" || name == "hexpire" || name == "hpexpire";
  if (from_now) SuitTimes();
  if (dice_.OnceIn(12)) Damage();
  return std::move(words_);
}

}  // namespace holdfast::differential
