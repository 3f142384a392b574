#include "resp/reply_parser.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "resp/number.h"

namespace holdfast::resp {
namespace {

using Type = Reply::Type;

bool IsBigNumber(std::string_view line) {
  if (line.starts_with('-') || line.starts_with('+')) line.remove_prefix(1);
  return !line.empty() && line.find_first_not_of("0123456789") == line.npos;
}

Reply MakeText(Type type, std::string_view text) {
  Reply reply;
  reply.type = type;
  reply.text = text;
  return reply;
}

Reply MakeInteger(Type type, int64_t value) {
  Reply reply;
  reply.type = type;
  reply.integer = value;
  return reply;
}

std::optional<Reply> MakeDouble(std::string_view line) {
  Reply reply = MakeText(Type::kDouble, line);
  if (line == "nan" || line == "-nan") {
    reply.number = std::numeric_limits<double>::quiet_NaN();
    return reply;
  }
  const auto number = ParseDouble(line);
  if (!number) return std::nullopt;
  reply.number = *number;
  return reply;
}

// The reply that is a single line; nullopt if the line is not what its type asks for.
std::optional<Reply> MakeLineReply(char type, std::string_view line) {
  switch (type) {
    case '+':
      return MakeText(Type::kSimpleString, line);
    case '-':
      return MakeText(Type::kError, line);
    case ':':
      if (const auto value = ParseInteger(line)) return MakeInteger(Type::kInteger, *value);
      return std::nullopt;
    case '_':
      return line.empty() ? std::optional<Reply>(Reply()) : std::nullopt;
    case '#':
      if (line != "t" && line != "f") return std::nullopt;
      return MakeInteger(Type::kBoolean, line == "t" ? 1 : 0);
    case ',':
      return MakeDouble(line);
    case '(':
      return IsBigNumber(line) ? std::optional<Reply>(MakeText(Type::kBigNumber, line)) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<Reply> MakeBulkReply(char type, std::string_view bytes) {
  if (type == '$') return MakeText(Type::kBulk, bytes);
  if (type == '!') return MakeText(Type::kError, bytes);
  if (bytes.size() < 4 || bytes[3] != ':') return std::nullopt;
  Reply reply = MakeText(Type::kVerbatim, bytes.substr(4));
  reply.format = bytes.substr(0, 3);
  return reply;
}

Type AggregateType(char type) {
  switch (type) {
    case '%':
    case '|':
      return Type::kMap;
    case '~':
      return Type::kSet;
    case '>':
      return Type::kPush;
    default:
      return Type::kArray;
  }
}

}  // namespace

void ReplyParser::Feed(std::string_view bytes) {
  if (!error_.empty()) return;
  // Returned replies make room when they are half of the buffer, so that each byte moves only a few times.
  if (begin_ > 0 && begin_ >= buffer_.size() - begin_) {
    buffer_.erase(0, begin_);
    position_ -= begin_;
    begin_ = 0;
  }
  buffer_ += bytes;
}

ReplyParser::Result ReplyParser::Next(Reply& reply) {
  if (!error_.empty()) return Result::kError;
  for (;;) {
    Reply value;
    switch (ParseItem(value)) {
      case Step::kNested:
        break;
      case Step::kNeedMore:
        if (pending_bytes() <= limits_.max_bytes) return Result::kNeedMore;
        Fail("Protocol error, reply is too big");
        return Result::kError;
      case Step::kError:
        return Result::kError;
      case Step::kValue:
        if (!Close(value)) break;
        begin_ = position_;
        if (begin_ == buffer_.size()) Forget();
        reply = std::move(value);
        return Result::kReply;
    }
  }
}

// Hands a complete value to the aggregate it belongs to. True if it belongs to none: `value` is then the
// whole reply.
bool ReplyParser::Close(Reply& value) {
  while (!open_.empty()) {
    Open& innermost = open_.back();
    if (!innermost.attribute) innermost.reply.elements.push_back(std::move(value));
    if (--innermost.missing > 0) return false;
    const bool attribute = innermost.attribute;
    value = std::move(innermost.reply);
    open_.pop_back();
    // The value that the attribute is about follows it.
    if (attribute) return false;
  }
  return true;
}

ReplyParser::Step ReplyParser::ParseItem(Reply& value) {
  if (position_ - begin_ > limits_.max_bytes) return Fail("Protocol error, reply is too big");
  const std::string_view input = std::string_view(buffer_).substr(position_);
  const size_t end = input.find("\r\n", scanned_);
  if (end == input.npos) {
    scanned_ = std::max<size_t>(input.size(), 1) - 1;  // the last byte may be the CR
    return Step::kNeedMore;
  }
  scanned_ = 0;
  const Item item{input[0], input.substr(1, std::max<size_t>(end, 1) - 1), end + 2};
  switch (item.type) {
    case '+':
    case '-':
    case ':':
    case '_':
    case '#':
    case ',':
    case '(':
      return ParseLine(item, value);
    case '$':
    case '!':
    case '=':
      return ParseBulk(item, value);
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
      return ParseAggregate(item, value);
    default:
      return Fail("Protocol error, got " + Quoted(input.substr(0, 1)) + " as reply type byte");
  }
}

ReplyParser::Step ReplyParser::ParseLine(const Item& item, Reply& value) {
  auto reply = MakeLineReply(item.type, item.line);
  if (!reply) return FailAt(item);
  value = std::move(*reply);
  return Take(item.size);
}

ReplyParser::Step ReplyParser::ParseBulk(const Item& item, Reply& value) {
  const auto length = ParseInteger(item.line);
  if (length == -1 && item.type == '$') return Take(item.size);
  if (!length || *length < 0) return FailAt(item);
  const size_t held = position_ - begin_ + item.size;
  if (held > limits_.max_bytes || static_cast<size_t>(*length) > limits_.max_bytes - held) {
    return Fail("Protocol error, reply is too big");
  }
  const size_t size = item.size + static_cast<size_t>(*length) + 2;
  const std::string_view input = std::string_view(buffer_).substr(position_, size);
  if (input.size() < size) return Step::kNeedMore;
  if (!input.ends_with("\r\n")) return FailAt(item);
  auto reply = MakeBulkReply(item.type, input.substr(item.size, static_cast<size_t>(*length)));
  if (!reply) return FailAt(item);
  value = std::move(*reply);
  return Take(size);
}

ReplyParser::Step ReplyParser::ParseAggregate(const Item& item, Reply& value) {
  const auto length = ParseInteger(item.line);
  if (length == -1 && item.type == '*') {
    value.type = Type::kNullArray;
    return Take(item.size);
  }
  if (!length || *length < 0 || *length > kMaxRequestWords) return FailAt(item);
  value.type = AggregateType(item.type);
  const bool attribute = item.type == '|';
  const bool pairs = value.type == Type::kMap;
  if (*length == 0) {
    Take(item.size);
    return attribute ? Step::kNested : Step::kValue;
  }
  if (open_.size() >= static_cast<size_t>(limits_.max_depth)) {
    return Fail("Protocol error, too deeply nested reply");
  }
  Take(item.size);
  open_.push_back({std::move(value), pairs ? 2 * *length : *length, attribute});
  return Step::kNested;
}

ReplyParser::Step ReplyParser::Take(size_t size) {
  position_ += size;
  return Step::kValue;
}

ReplyParser::Step ReplyParser::FailAt(const Item& item) {
  constexpr size_t kShown = 64;
  return Fail("Protocol error, bad reply " + Quoted(item.type + std::string(item.line.substr(0, kShown))));
}

ReplyParser::Step ReplyParser::Fail(std::string error) {
  Forget();
  open_ = {};
  error_ = std::move(error);
  return Step::kError;
}

// Frees the input: nothing of it is needed any more.
void ReplyParser::Forget() {
  std::string().swap(buffer_);
  begin_ = 0;
  position_ = 0;
  scanned_ = 0;
}

std::optional<Reply> ParseReply(std::string_view bytes) {
  ReplyParser parser;
  parser.Feed(bytes);
  Reply reply;
  if (parser.Next(reply) != ReplyParser::Result::kReply || parser.pending_bytes() > 0) return std::nullopt;
  return reply;
}

}  // namespace holdfast::resp
