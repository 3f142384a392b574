#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/command/context.h"
#include "server/commands/families.h"
#include "server/commands/string_limit.h"
#include "storage/string.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;

const CommandError kNotStrings("ERR The specified keys must contain string values");
const CommandError kLengthAndIndexes("ERR If you want both the length and indexes, please just use IDX.");
const CommandError kTooLong("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");

// The longest common subsequence of two strings. Row by row it notes in one bit a cell which way the longer
// one leads; the way back from the end reads them.
class CommonSubsequence {
 public:
  // A run of bytes that is in both: `size` of them, at `a_first` and at `b_first`.
  struct Run {
    size_t a_first;
    size_t b_first;
    size_t size;
  };

  CommonSubsequence(std::string_view a, std::string_view b)
      : a_(a), b_(b), up_((a.size() + 1) * (b.size() + 1)) {
    std::vector<uint32_t> above(b.size() + 1);
    std::vector<uint32_t> row(b.size() + 1);
    for (size_t i = 1; i <= a.size(); ++i) {
      for (size_t j = 1; j <= b.size(); ++j) {
        row[j] = a[i - 1] == b[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
        up_[Cell(i, j)] = above[j] > row[j - 1];
      }
      row.swap(above);
    }
    size_ = above.back();
  }

  [[nodiscard]] size_t size() const { return size_; }

  // From the end of the strings to their beginning; none of them touches another in both strings.
  [[nodiscard]] std::vector<Run> Runs() const {
    std::vector<Run> runs;
    size_t i = a_.size();
    size_t j = b_.size();
    bool inside = false;
    while (i > 0 && j > 0) {
      const bool same = a_[i - 1] == b_[j - 1];
      if (same) {
        --i;
        --j;
        if (!inside) runs.push_back({i, j, 0});
        runs.back() = {i, j, runs.back().size + 1};
      } else if (up_[Cell(i, j)]) {
        --i;
      } else {
        --j;
      }
      inside = same;
    }
    return runs;
  }

 private:
  [[nodiscard]] size_t Cell(size_t i, size_t j) const { return i * (b_.size() + 1) + j; }

  std::string_view a_;
  std::string_view b_;
  std::vector<bool> up_;
  size_t size_ = 0;
};

struct Options {
  bool length = false;
  bool indexes = false;
  bool with_length = false;
  uint64_t least = 0;  // shorter runs are left out

  void Read(Args& args) {
    while (!args.done() && !args.failed()) {
      if (args.Keyword("IDX")) {
        indexes = true;
      } else if (args.Keyword("LEN")) {
        length = true;
      } else if (args.Keyword("WITHMATCHLEN")) {
        with_length = true;
      } else if (args.remaining() > 1 && args.Keyword("MINMATCHLEN")) {
        least = static_cast<uint64_t>(std::max<int64_t>(args.Integer(), 0));
      } else {
        args.Fail(command::kSyntaxError);
      }
    }
    if (length && indexes) args.Fail(kLengthAndIndexes);
  }
};

void WriteRange(resp::ReplyWriter& reply, size_t first, size_t size) {
  reply.Array(2);
  reply.Integer(static_cast<int64_t>(first));
  reply.Integer(static_cast<int64_t>(first + size - 1));
}

void WriteIndexes(resp::ReplyWriter& reply, const CommonSubsequence& common, const Options& options) {
  std::vector<CommonSubsequence::Run> runs = common.Runs();
  std::erase_if(runs, [&](const auto& run) { return run.size < options.least; });
  reply.Map(2);
  reply.Bulk("matches");
  reply.Array(runs.size());
  for (const auto& run : runs) {
    reply.Array(options.with_length ? 3 : 2);
    WriteRange(reply, run.a_first, run.size);
    WriteRange(reply, run.b_first, run.size);
    if (options.with_length) reply.Integer(static_cast<int64_t>(run.size));
  }
  reply.Bulk("len");
  reply.Integer(static_cast<int64_t>(common.size()));
}

std::string Text(const CommonSubsequence& common, std::string_view a) {
  const auto runs = common.Runs();
  std::string text;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) text.append(a, run->a_first, run->size);
  return text;
}

// Redis's table has a number of four bytes in each cell, and its limit is that of a string.
bool TableTooLarge(std::string_view a, std::string_view b) {
  return (a.size() + 1) * (b.size() + 1) > kMaxStringBytes / sizeof(uint32_t);
}

Outcome Lcs(Context& context) {
  const storage::String first(context.keyspace, context.args.Bytes());
  const storage::String second(context.keyspace, context.args.Bytes());
  if (first.wrong_type() || second.wrong_type()) return kNotStrings;
  Options options;
  options.Read(context.args);
  if (auto error = context.args.Finish()) return *error;
  const std::string_view a = first.value();
  const std::string_view b = second.value();
  if (TableTooLarge(a, b)) return kTooLong;
  const CommonSubsequence common(a, b);
  if (options.indexes) {
    WriteIndexes(context.reply, common, options);
  } else if (options.length) {
    context.reply.Integer(static_cast<int64_t>(common.size()));
  } else {
    context.reply.Bulk(Text(common, a));
  }
  return Done{};
}

constexpr Command kLcsCommands[] = {
    {"lcs", "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]", command::kReadOnly, "string",
     "7.0.0", "O(N*M) where N and M are the lengths of the strings",
     "Finds the longest common subsequence of two strings.", Lcs},
};

}  // namespace

Family LcsCommands() { return kLcsCommands; }

}  // namespace holdfast::server::commands
