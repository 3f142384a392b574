#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resp/limits.h"
#include "resp/reply.h"

namespace holdfast::resp {

// Turns the bytes a server sends (RESP2 or RESP3) into replies; input may be cut at any byte.
//
//   ReplyParser parser;
//   parser.Feed(bytes);
//   Reply reply;
//   while (parser.Next(reply) == ReplyParser::Result::kReply) Use(std::move(reply));
//
// Copies what it is fed. Attributes ('|') are read and dropped. RESP3's streamed strings and aggregates ('?'
// for a length) are errors: no Redis sends them. Depth and size are bounded by ReplyLimits, and what is only
// announced is not allocated. One thread at a time.
class ReplyParser {
 public:
  enum class Result : uint8_t { kReply, kNeedMore, kError };

  explicit ReplyParser(const ReplyLimits& limits = {}) : limits_(limits) {}

  // Gives the parser `bytes`, to be parsed after all that it was given before. Ignored after an error.
  void Feed(std::string_view bytes);
  // Puts the next reply into `reply` and returns kReply, or returns kNeedMore when no further whole reply was
  // fed. kError is for good: see error().
  [[nodiscard]] Result Next(Reply& reply);

  // What is wrong with the input, in words. Empty while there is no error.
  [[nodiscard]] const std::string& error() const { return error_; }
  // Bytes fed that are not part of a reply returned so far.
  [[nodiscard]] size_t pending_bytes() const { return buffer_.size() - begin_; }

 private:
  enum class Step : uint8_t { kValue, kNested, kNeedMore, kError };

  // An aggregate whose elements are being read.
  struct Open {
    Reply reply;
    int64_t missing;         // elements still to come
    bool attribute = false;  // to be dropped when complete
  };

  // One item of the input: its type byte, the rest of its first line, and the size of that line as sent.
  struct Item {
    char type;
    std::string_view line;
    size_t size;
  };

  Step ParseItem(Reply& value);
  Step ParseLine(const Item& item, Reply& value);
  Step ParseBulk(const Item& item, Reply& value);
  Step ParseAggregate(const Item& item, Reply& value);
  Step Take(size_t size);
  Step FailAt(const Item& item);
  Step Fail(std::string error);
  bool Close(Reply& value);
  void Forget();

  const ReplyLimits limits_;
  std::string buffer_;
  size_t begin_ = 0;     // of the reply being parsed
  size_t position_ = 0;  // of the next byte to parse
  size_t scanned_ = 0;   // bytes behind position_ that are known to hold no line end
  std::vector<Open> open_;
  std::string error_;
};

// The one reply that `bytes` are; nullopt if they are no whole reply, or more than one.
[[nodiscard]] std::optional<Reply> ParseReply(std::string_view bytes);

}  // namespace holdfast::resp
