// Any bytes, cut anywhere, make the same requests and the same error as when they come in one piece.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "resp/request_parser.h"

namespace {

using holdfast::resp::Request;
using holdfast::resp::RequestLimits;
using holdfast::resp::RequestParser;

// Small limits, so that the fuzzer meets them.
constexpr RequestLimits kLimits{.proto_max_bulk_len = 400, .client_query_buffer_limit = 1000};

struct Parsed {
  std::vector<std::vector<std::string>> requests;
  std::string error;
  bool operator==(const Parsed&) const = default;
};

class Client {
 public:
  explicit Client(RequestParser::Access access) : parser_(kLimits, access) {}

  // The bytes live only as long as the parser may look at them, so that a stale view is a fault the sanitizer
  // sees.
  void Send(std::string_view bytes, bool retain) {
    const std::vector<char> read(bytes.begin(), bytes.end());
    parser_.Feed({read.data(), read.size()});
    if (retain) parser_.Retain();
    Request words;
    RequestParser::Result result;
    while ((result = parser_.Next(words)) == RequestParser::Result::kRequest) {
      parsed_.requests.emplace_back(words.begin(), words.end());
    }
    if (result == RequestParser::Result::kError) parsed_.error = parser_.error();
    if (parser_.pending_bytes() == 0 && parser_.allocated_bytes() != 0) std::abort();
  }

  [[nodiscard]] const Parsed& parsed() const { return parsed_; }

 private:
  RequestParser parser_;
  Parsed parsed_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto access = data[0] % 2 == 0 ? RequestParser::Access::kGranted : RequestParser::Access::kDenied;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  Client whole(access);
  whole.Send(input, false);

  // At most 200 cuts, so that long inputs stay quick.
  const size_t stride = std::max<size_t>(1, input.size() / 200);
  for (size_t at = 1; at < input.size(); at += stride) {
    Client halves(access);
    halves.Send(input.substr(0, at), at % 3 == 0);
    halves.Send(input.substr(at), at % 3 == 1);
    if (halves.parsed() != whole.parsed()) std::abort();
  }
  Client bytes(access);
  for (size_t i = 0; i < input.size(); ++i) bytes.Send(input.substr(i, 1), false);
  if (bytes.parsed() != whole.parsed()) std::abort();
  return 0;
}
