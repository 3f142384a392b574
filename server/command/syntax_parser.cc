#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "server/command/syntax.h"
#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

using Type = Argument::Type;

struct TypedName {
  std::string_view name;
  Type type;
};

// COMMAND DOCS names each argument's type; the name tells it.
constexpr std::array kTypedNames = {
    TypedName{"key", Type::kKey},
    TypedName{"key1", Type::kKey},
    TypedName{"key2", Type::kKey},
    TypedName{"newkey", Type::kKey},
    TypedName{"source", Type::kKey},
    TypedName{"destination", Type::kKey},
    TypedName{"dst", Type::kKey},
    TypedName{"src", Type::kKey},
    TypedName{"destkey", Type::kKey},
    TypedName{"sourcekey", Type::kKey},
    TypedName{"shardchannel", Type::kShardChannel},
    TypedName{"numkeys", Type::kInteger},
    TypedName{"count", Type::kInteger},
    TypedName{"index", Type::kInteger},
    TypedName{"offset", Type::kInteger},
    TypedName{"start", Type::kInteger},
    TypedName{"stop", Type::kInteger},
    TypedName{"end", Type::kInteger},
    TypedName{"seconds", Type::kInteger},
    TypedName{"milliseconds", Type::kInteger},
    TypedName{"cursor", Type::kInteger},
    TypedName{"decrement", Type::kInteger},
    TypedName{"increment", Type::kInteger},
    TypedName{"rank", Type::kInteger},
    TypedName{"len", Type::kInteger},
    TypedName{"limit", Type::kInteger},
    TypedName{"client-id", Type::kInteger},
    TypedName{"protover", Type::kInteger},
    TypedName{"score", Type::kDouble},
    TypedName{"timeout", Type::kDouble},
    TypedName{"pattern", Type::kPattern},
    TypedName{"unix-time-seconds", Type::kUnixTime},
    TypedName{"unix-time-milliseconds", Type::kUnixTime},
};

Type TypeOf(std::string_view name) {
  for (const TypedName& typed : kTypedNames) {
    if (typed.name == name) return typed.type;
  }
  return Type::kString;
}

bool IsToken(std::string_view word) {
  for (const char c : word) {
    if (std::islower(static_cast<unsigned char>(c)) != 0) return false;
  }
  return true;
}

// [ ] < > | and words; "..." is a word.
std::vector<std::string_view> Split(std::string_view line) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  const auto flush = [&](size_t end) {
    if (end > begin) parts.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  };
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') {
      flush(i);
    } else if (std::string_view("[]<>|").find(line[i]) != std::string_view::npos) {
      flush(i);
      parts.push_back(line.substr(i, 1));
    }
  }
  flush(line.size());
  return parts;
}

struct Group {
  std::vector<std::vector<Argument>> alternatives;
  bool repeats = false;  // it ended with "..."
};

Argument Leaf(std::string_view word) {
  Argument leaf;
  leaf.name = Lower(word);
  leaf.type = TypeOf(word);
  if (IsToken(word)) {
    leaf.type = Type::kPureToken;
    leaf.token = word;
  }
  return leaf;
}

bool TakesToken(const Argument& argument) {
  return argument.token.empty() && !argument.optional && !argument.multiple;
}

// "COUNT count" is one argument with a token; "LIMIT offset count" a block with one.
Argument Collapse(std::vector<Argument> sequence) {
  if (sequence.size() == 1) return std::move(sequence[0]);
  Argument block;
  block.type = Type::kBlock;
  if (sequence[0].type == Type::kPureToken) {
    block.token = sequence[0].token;
    block.name = sequence[0].name;
    sequence.erase(sequence.begin());
    if (sequence.size() == 1 && TakesToken(sequence[0])) {
      sequence[0].token = block.token;
      return std::move(sequence[0]);
    }
  } else {
    block.name = "data";
  }
  block.children = std::move(sequence);
  return block;
}

Argument Choice(Group group) {
  if (group.alternatives.size() == 1) return Collapse(std::move(group.alternatives[0]));
  Argument choice;
  choice.type = Type::kOneOf;
  for (auto& alternative : group.alternatives) {
    if (!alternative.empty()) choice.children.push_back(Collapse(std::move(alternative)));
  }
  if (!choice.children.empty()) choice.name = choice.children[0].name;
  return choice;
}

class Parser {
 public:
  explicit Parser(std::string_view line) : parts_(Split(line)) {}

  // Up to `close` ("" is the end of the line), which is taken.
  Group ParseGroup(std::string_view close) {
    Group group;
    group.alternatives.emplace_back();
    while (next_ < parts_.size()) {
      const std::string_view part = parts_[next_++];
      if (part == close) break;
      if (part == "|") {
        group.alternatives.emplace_back();
      } else if (part == "...") {
        group.repeats = true;
      } else {
        Append(group.alternatives.back(), part);
      }
    }
    return group;
  }

 private:
  void Append(std::vector<Argument>& sequence, std::string_view part) {
    if (part == "[") {
      AppendOptional(sequence, ParseGroup("]"));
    } else if (part == "<") {
      sequence.push_back(Choice(ParseGroup(">")));
    } else {
      sequence.push_back(Leaf(part));
    }
  }

  static void AppendOptional(std::vector<Argument>& sequence, Group group) {
    if (group.repeats && Repeat(sequence, group.alternatives[0])) return;
    const bool repeats = group.repeats;
    Argument argument = Choice(std::move(group));
    argument.optional = true;
    argument.multiple |= repeats;
    sequence.push_back(std::move(argument));
  }

  // "a b [a b ...]": the last arguments become one that may be repeated.
  static bool Repeat(std::vector<Argument>& sequence, const std::vector<Argument>& again) {
    if (again.empty() || sequence.size() < again.size()) return false;
    const auto first = sequence.end() - static_cast<std::ptrdiff_t>(again.size());
    if (!std::equal(first, sequence.end(), again.begin())) return false;
    Argument repeated = Collapse(std::vector<Argument>(first, sequence.end()));
    repeated.multiple = true;
    repeated.multiple_token = !repeated.token.empty();
    sequence.erase(first, sequence.end());
    sequence.push_back(std::move(repeated));
    return true;
  }

  std::vector<std::string_view> parts_;
  size_t next_ = 0;
};

}  // namespace

std::vector<Argument> ParseArguments(std::string_view line) {
  Group group = Parser(line).ParseGroup("");
  if (group.alternatives.size() == 1) return std::move(group.alternatives[0]);
  return {Choice(std::move(group))};
}

}  // namespace holdfast::server::command
