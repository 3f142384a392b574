#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "server/command/context.h"
#include "server/commands/bit_offset.h"
#include "server/commands/families.h"
#include "storage/bits.h"
#include "storage/string.h"

// Verbs that see a string as a row of bits.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Flag;
using command::kWrongType;
using command::Outcome;
using storage::String;

const CommandError kInvalidBit("ERR bit is not an integer or out of range");
const CommandError kNotABit("ERR The bit argument must be 1 or 0.");
const CommandError kNotTakesOne("ERR BITOP NOT must be called with a single source key.");

Outcome SetBit(Context& context) {
  const std::string_view key = context.args.Bytes();
  const uint64_t offset = TakeBitOffset(context.args);
  const auto bit = static_cast<uint64_t>(context.args.Integer(0, 1, kInvalidBit));
  if (auto error = context.args.Finish()) return *error;
  String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;

  const uint64_t before = storage::ReadBits(string.value(), offset, 1);
  if (before != bit || string.value().size() < storage::BytesForBits(offset, 1)) {
    std::string bytes(string.value());
    storage::WriteBits(bytes, offset, 1, bit);
    string.Write(bytes, storage::StringForm::kRaw);
    context.keyspace.Notify(storage::EventClass::kString, "setbit", key);
  }
  context.reply.Integer(static_cast<int64_t>(before));
  return Done{};
}

Outcome GetBit(Context& context) {
  const std::string_view key = context.args.Bytes();
  const uint64_t offset = TakeBitOffset(context.args);
  if (auto error = context.args.Finish()) return *error;
  const String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  context.reply.Integer(static_cast<int64_t>(storage::ReadBits(string.value(), offset, 1)));
  return Done{};
}

// "start end [BYTE | BIT]" as BITCOUNT and BITPOS take it.
struct Span {
  int64_t start = 0;
  int64_t end = -1;
  bool end_given = false;
  bool in_bits = false;
};

struct BitRange {
  uint64_t first = 0;
  uint64_t count = 0;
};

void TakeUnit(Args& args, Span& span) {
  if (args.done()) return;
  span.in_bits = args.Keyword("BIT");
  if (!span.in_bits && !args.Keyword("BYTE")) args.Fail(command::kSyntaxError);
}

// Both ends belong to it; one that is too low even from the back counts as 0.
BitRange Resolve(const Span& span, std::string_view bytes) {
  const int64_t unit = span.in_bits ? 1 : 8;
  const auto length = static_cast<int64_t>(bytes.size()) * 8 / unit;
  const auto from_front = [&](int64_t index) {
    return index < 0 ? std::max<int64_t>(index + length, 0) : index;
  };
  const int64_t start = from_front(span.start);
  const int64_t end = std::min(from_front(span.end), length - 1);
  if (start > end) return {};
  return {static_cast<uint64_t>(start * unit), static_cast<uint64_t>((end - start + 1) * unit)};
}

Outcome BitCount(Context& context) {
  Args& args = context.args;
  const String string(context.keyspace, args.Bytes());
  if (string.wrong_type()) return kWrongType;
  if (!string.occupied()) {
    context.reply.Integer(0);
    return Done{};
  }
  Span span;
  if (!args.done()) {
    if (args.remaining() < 2 || args.remaining() > 3) return command::kSyntaxError;
    span.start = args.Integer();
    span.end = args.Integer();
    if (args.failed()) return *args.error();
    // Redis looks at the unit afterwards only.
    if (span.start < 0 && span.end < 0 && span.start > span.end) {
      context.reply.Integer(0);
      return Done{};
    }
    TakeUnit(args, span);
  }
  if (auto error = args.Finish()) return *error;
  const BitRange range = Resolve(span, string.value());
  context.reply.Integer(static_cast<int64_t>(storage::CountOnes(string.value(), range.first, range.count)));
  return Done{};
}

int64_t FindBit(std::string_view bytes, unsigned bit, const Span& span) {
  const BitRange range = Resolve(span, bytes);
  if (range.count == 0) return -1;
  if (const auto found = storage::FindBit(bytes, bit, range.first, range.count)) {
    return static_cast<int64_t>(*found);
  }
  // Behind the string zeros go on for ever, unless the range has an end.
  return bit == 0 && !span.end_given ? static_cast<int64_t>(bytes.size()) * 8 : -1;
}

Outcome BitPos(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const int64_t bit = args.Integer();
  if (args.failed()) return *args.error();
  if (bit != 0 && bit != 1) return kNotABit;
  const String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  if (!string.occupied()) {
    context.reply.Integer(bit == 0 ? 0 : -1);
    return Done{};
  }
  if (args.remaining() > 3) return command::kSyntaxError;
  Span span;
  if (!args.done()) span.start = args.Integer();
  span.end_given = !args.done();
  Args end(span.end_given ? args.Take(1) : std::span<const std::string_view>(), 0);  // read behind the unit
  if (span.end_given) TakeUnit(args, span);
  if (auto error = args.Finish()) return *error;
  if (span.end_given) span.end = end.Integer();
  if (auto error = end.Finish()) return *error;
  context.reply.Integer(FindBit(string.value(), static_cast<unsigned>(bit), span));
  return Done{};
}

enum class BitOperation { kAnd, kOr, kXor, kNot };

std::optional<BitOperation> TakeOperation(Args& args) {
  if (args.Keyword("AND")) return BitOperation::kAnd;
  if (args.Keyword("OR")) return BitOperation::kOr;
  if (args.Keyword("XOR")) return BitOperation::kXor;
  if (args.Keyword("NOT")) return BitOperation::kNot;
  return std::nullopt;
}

// `result` takes in `operand`; the shorter of the two goes on with zero bytes.
void Combine(BitOperation operation, std::string_view operand, std::string& result) {
  if (result.size() < operand.size()) result.resize(operand.size());
  for (size_t i = 0; i < result.size(); ++i) {
    const auto left = static_cast<unsigned char>(result[i]);
    const auto right = static_cast<unsigned char>(i < operand.size() ? operand[i] : '\0');
    switch (operation) {
      case BitOperation::kAnd:
        result[i] = static_cast<char>(left & right);
        break;
      case BitOperation::kOr:
        result[i] = static_cast<char>(left | right);
        break;
      case BitOperation::kXor:
        result[i] = static_cast<char>(left ^ right);
        break;
      case BitOperation::kNot:
        result[i] = static_cast<char>(~right);
        break;
    }
  }
}

Outcome BitOp(Context& context) {
  const auto operation = TakeOperation(context.args);
  if (!operation) return command::kSyntaxError;
  const std::string_view destination = context.args.Bytes();
  const auto keys = context.args.Rest();
  if (*operation == BitOperation::kNot && keys.size() != 1) return kNotTakesOne;

  std::string result;
  context.keyspace.set_counts_reads(true);
  for (size_t i = 0; i < keys.size(); ++i) {
    const String source(context.keyspace, keys[i]);
    if (source.wrong_type()) return kWrongType;
    if (i == 0 && *operation != BitOperation::kNot) {
      result = source.value();
    } else {
      Combine(*operation, source.value(), result);
    }
  }
  context.keyspace.set_counts_reads(false);
  String target(context.keyspace, destination);
  const bool existed = target.occupied();
  result.empty() ? target.Remove() : target.Set(result, absl::InfiniteFuture(), storage::StringForm::kRaw);
  context.keyspace.NotifyStore(storage::EventClass::kString, "set", destination, !result.empty(), existed);
  context.reply.Integer(static_cast<int64_t>(result.size()));
  return Done{};
}

constexpr std::array kBitmapCommands = {
    Command{.name = "setbit",
            .syntax = "key offset value",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "bitmap",
            .since = "2.2.0",
            .complexity = "O(N), N being the string's length",
            .summary = "Sets or clears a bit, lengthening the string with zero bytes, and gives the old one.",
            .run = &SetBit},
    Command{.name = "getbit",
            .syntax = "key offset",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "bitmap",
            .since = "2.2.0",
            .complexity = "O(1)",
            .summary = "Reads a bit.",
            .run = &GetBit},
    Command{.name = "bitcount",
            .syntax = "key [start end [BYTE | BIT]]",
            .flags = Flag::kReadOnly,
            .group = "bitmap",
            .since = "2.6.0",
            .complexity = "O(N), N being the bytes looked at",
            .summary = "Counts the bits that are set.",
            .run = &BitCount},
    Command{.name = "bitpos",
            .syntax = "key bit [start [end [BYTE | BIT]]]",
            .flags = Flag::kReadOnly,
            .group = "bitmap",
            .since = "2.8.7",
            .complexity = "O(N), N being the bytes looked at",
            .summary = "Finds the first bit that is set, or clear.",
            .run = &BitPos},
    Command{.name = "bitop",
            .syntax = "<AND | OR | XOR | NOT> destkey key [key ...]",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "bitmap",
            .since = "2.6.0",
            .complexity = "O(N), N being the bytes of all strings",
            .summary = "Combines strings bit by bit into another.",
            .run = &BitOp,
            .keys = "OW update, RO access"},
};

}  // namespace

Family BitmapCommands() { return kBitmapCommands; }

}  // namespace holdfast::server::commands
