#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "resp/number.h"
#include "server/command/context.h"
#include "server/commands/bit_offset.h"
#include "server/commands/families.h"
#include "storage/bits.h"
#include "storage/string.h"

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

const CommandError kInvalidType(
    "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");
const CommandError kInvalidOverflow("ERR Invalid OVERFLOW type specified");
const CommandError kOnlyGet("ERR BITFIELD_RO only supports the GET subcommand");

// Holds every field and every sum of two.
__extension__ using Wide = __int128;

struct FieldType {
  bool with_sign = false;
  unsigned width = 0;

  [[nodiscard]] Wide min() const { return with_sign ? -(Wide{1} << (width - 1)) : 0; }
  [[nodiscard]] Wide max() const { return (Wide{1} << (with_sign ? width - 1 : width)) - 1; }
  // The field's number, of whose bits only the low `width` count.
  [[nodiscard]] Wide Extend(uint64_t bits) const {
    const Wide value = static_cast<Wide>(bits) & ((Wide{1} << width) - 1);
    return value > max() ? value - (Wide{1} << width) : value;
  }
};

enum class Overflow { kWrap, kSaturate, kFail };

struct Operation {
  enum class Kind { kGet, kSet, kIncrement };
  Kind kind = Kind::kGet;
  FieldType type;
  uint64_t offset = 0;
  int64_t operand = 0;
  Overflow overflow = Overflow::kWrap;

  [[nodiscard]] bool writes() const { return kind != Kind::kGet; }
};

FieldType TakeType(Args& args) {
  const std::string_view word = args.Bytes();
  const bool with_sign = word.starts_with('i');
  if (!with_sign && !word.starts_with('u')) {
    args.Fail(kInvalidType);
    return {};
  }
  const std::optional<int64_t> width = resp::ParseInteger(word.substr(1));
  if (!width || *width < 1 || *width > (with_sign ? 64 : 63)) {
    args.Fail(kInvalidType);
    return {};
  }
  return {with_sign, static_cast<unsigned>(*width)};
}

Overflow TakeOverflow(Args& args) {
  if (args.Keyword("WRAP")) return Overflow::kWrap;
  if (args.Keyword("SAT")) return Overflow::kSaturate;
  if (!args.Keyword("FAIL")) args.Fail(kInvalidOverflow);
  return Overflow::kFail;
}

// The keyword only counts if enough words follow.
bool TakeKeyword(Args& args, std::string_view upper, size_t words_behind) {
  return args.remaining() > words_behind && args.Keyword(upper);
}

std::optional<Operation::Kind> TakeKind(Args& args) {
  if (TakeKeyword(args, "GET", 2)) return Operation::Kind::kGet;
  if (TakeKeyword(args, "SET", 3)) return Operation::Kind::kSet;
  if (TakeKeyword(args, "INCRBY", 3)) return Operation::Kind::kIncrement;
  return std::nullopt;
}

std::vector<Operation> TakeOperations(Args& args) {
  std::vector<Operation> operations;
  Overflow overflow = Overflow::kWrap;
  while (!args.done() && !args.failed()) {
    if (TakeKeyword(args, "OVERFLOW", 1)) {
      overflow = TakeOverflow(args);
      continue;
    }
    const auto kind = TakeKind(args);
    if (!kind) {
      args.Fail(command::kSyntaxError);
      break;
    }
    Operation operation;
    operation.kind = *kind;
    operation.overflow = overflow;
    operation.type = TakeType(args);
    operation.offset = TakeFieldOffset(args, operation.type.width);
    if (operation.writes()) operation.operand = args.Integer();
    operations.push_back(operation);
  }
  return operations;
}

// A value to be set that is so far below the field's lowest that Redis's own difference of the two overflows.
bool LooksTooHigh(Wide value, const Operation& operation) {
  return operation.kind == Operation::Kind::kSet && operation.type.with_sign && operation.type.width < 64 &&
         value < operation.type.max() - std::numeric_limits<int64_t>::max();
}

// `value` as the field can hold it; nullopt if it must not be written.
std::optional<Wide> Fit(Wide value, const Operation& operation) {
  const FieldType& type = operation.type;
  if (value >= type.min() && value <= type.max()) return value;
  switch (operation.overflow) {
    case Overflow::kWrap:
      return type.Extend(static_cast<uint64_t>(value));
    case Overflow::kSaturate:
      if (LooksTooHigh(value, operation)) return type.max();
      return std::clamp(value, type.min(), type.max());
    case Overflow::kFail:
      break;
  }
  return std::nullopt;
}

// What an unsigned field is set to counts as unsigned: -1 is the highest number.
Wide Operand(const Operation& operation) {
  if (operation.kind == Operation::Kind::kSet && !operation.type.with_sign) {
    return static_cast<uint64_t>(operation.operand);
  }
  return operation.operand;
}

Wide Load(std::string_view bytes, const Operation& operation) {
  return operation.type.Extend(storage::ReadBits(bytes, operation.offset, operation.type.width));
}

// False if OVERFLOW FAIL kept it from writing.
bool Write(Context& context, const Operation& operation, std::string& bytes) {
  const Wide before = Load(bytes, operation);
  const bool increment = operation.kind == Operation::Kind::kIncrement;
  const std::optional<Wide> after = Fit((increment ? before : 0) + Operand(operation), operation);
  if (!after) {
    context.reply.Null();
    return false;
  }
  storage::WriteBits(bytes, operation.offset, operation.type.width, static_cast<uint64_t>(*after));
  context.reply.Integer(static_cast<int64_t>(increment ? *after : before));
  return true;
}

void Read(Context& context, const Operation& operation, std::string_view bytes) {
  context.reply.Integer(static_cast<int64_t>(Load(bytes, operation)));
}

// How long the string must be for all writes; it becomes so even if they fail. 0 if nothing is written.
uint64_t WrittenBytes(const std::vector<Operation>& operations) {
  uint64_t bytes = 0;
  for (const Operation& operation : operations) {
    if (!operation.writes()) continue;
    bytes = std::max(bytes, storage::BytesForBits(operation.offset, operation.type.width));
  }
  return bytes;
}

void ReadAndWrite(Context& context, std::string_view key, const std::vector<Operation>& operations,
                  String& string) {
  std::string bytes(string.value());
  bytes.resize(std::max<uint64_t>(bytes.size(), WrittenBytes(operations)));
  bool written = false;
  for (const Operation& operation : operations) {
    if (!operation.writes()) {
      Read(context, operation, bytes);
    } else if (Write(context, operation, bytes)) {
      written = true;
    }
  }
  // Writing what stands there already is no change: it breaks no WATCH.
  if (bytes == string.value()) return;
  string.Write(bytes, storage::StringForm::kRaw);
  // A string that has but grown is nothing to tell of.
  if (written) context.keyspace.Notify(storage::EventClass::kString, "setbit", key);
}

enum class Access { kReadWrite, kReadOnly };

template <Access kAccess>
Outcome BitField(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::vector<Operation> operations = TakeOperations(context.args);
  if (auto error = context.args.Finish()) return *error;
  const bool writes = std::any_of(operations.begin(), operations.end(), std::mem_fn(&Operation::writes));
  if (kAccess == Access::kReadOnly && writes) return kOnlyGet;

  String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  context.reply.Array(operations.size());
  if (writes) {
    ReadAndWrite(context, key, operations, string);
  } else {
    for (const Operation& operation : operations) Read(context, operation, string.value());
  }
  return Done{};
}

constexpr std::array kBitfieldCommands = {
    Command{.name = "bitfield",
            .syntax =
                "key [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET encoding offset value | "
                "INCRBY encoding offset increment> [GET encoding offset | [OVERFLOW <WRAP | SAT | "
                "FAIL>] <SET encoding offset value | INCRBY encoding offset increment> ...]]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kBookkeeping,
            .group = "bitmap",
            .since = "3.2.0",
            .complexity = "O(1) for each operation, and O(N) to save the string, N being its length",
            .summary = "Reads, sets and increments integers of any width inside a string.",
            .run = &BitField<Access::kReadWrite>,
            .keys = "RW access update; from 2 only GET+2 OVERFLOW+1: RO access"},
    Command{.name = "bitfield_ro",
            .syntax = "key [GET encoding offset [GET encoding offset ...]]",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "bitmap",
            .since = "6.0.0",
            .complexity = "O(1) for each operation",
            .summary = "Reads integers of any width inside a string.",
            .run = &BitField<Access::kReadOnly>},
};

}  // namespace

Family BitfieldCommands() { return kBitfieldCommands; }

}  // namespace holdfast::server::commands
