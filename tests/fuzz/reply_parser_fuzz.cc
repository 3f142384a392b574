// Any bytes, cut anywhere, make the same replies and the same error as when they come in one piece, and every
// reply can be shown.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply.h"
#include "resp/reply_parser.h"

namespace {

using holdfast::resp::Reply;
using holdfast::resp::ReplyLimits;
using holdfast::resp::ReplyParser;

// Depth is small so that the fuzzer meets it. Size is out of reach: where it is noticed depends on the cuts.
constexpr ReplyLimits kLimits{.max_depth = 6, .max_bytes = 1 << 20};

struct Parsed {
  std::vector<std::string> replies;
  std::string error;
  bool operator==(const Parsed&) const = default;
};

Parsed Parse(const std::vector<std::string_view>& pieces) {
  ReplyParser parser(kLimits);
  Parsed parsed;
  for (std::string_view piece : pieces) {
    parser.Feed(piece);
    Reply reply;
    while (parser.Next(reply) == ReplyParser::Result::kReply) parsed.replies.push_back(FormatReply(reply));
  }
  parsed.error = parser.error();
  return parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Parsed whole = Parse({input});
  // At most 200 cuts, so that long inputs stay quick.
  const size_t stride = std::max<size_t>(1, input.size() / 200);
  for (size_t at = 1; at < input.size(); at += stride) {
    if (Parse({input.substr(0, at), input.substr(at)}) != whole) std::abort();
  }
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < input.size(); ++i) bytes.push_back(input.substr(i, 1));
  if (Parse(bytes) != whole) std::abort();
  return 0;
}
