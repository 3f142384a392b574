#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "resp/byte_buffer.h"
#include "resp/limits.h"
#include "resp/request.h"

namespace holdfast::resp {

// Turns the bytes of one client into requests. Takes multibulk and inline commands, pipelines, and input cut
// at any byte; how the input is cut never changes the requests that come out.
//
//   RequestParser parser(limits, Access::kGranted);
//   parser.Feed(bytes_just_read);
//   Request words;
//   while (parser.Next(words) == RequestParser::Result::kRequest) Submit(words);
//
// Nothing is copied while a whole request lies in one read: its words are views of the fed bytes. A request
// that spans reads is collected in a buffer of the parser's own, which grows as bytes arrive, whatever length
// they announce, and is freed when no request is unfinished: an idle connection holds no memory but this
// object (about 300 bytes).
//
// Ownership: fed bytes belong to the caller and must stay as they are until Next returns kNeedMore or Retain
// is called. The words of a request are valid until the next call of Next, Feed or Retain.
//
// As Redis does, skips empty requests ("*0", "*-1", an empty line) and does not look at the two bytes behind
// a bulk. One thread at a time; no sockets. Not movable: words may point into it.
class RequestParser {
 public:
  enum class Result : uint8_t { kRequest, kNeedMore, kError };
  // Before a login the limits are low. See set_access.
  enum class Access : uint8_t { kDenied, kGranted };

  // `limits` must outlive the parser; changes to it take effect with the next request.
  RequestParser(const RequestLimits& limits, Access access) : limits_(limits), access_(access) {}
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Gives the parser `bytes`, to be parsed after all that it was given before. Ignored after an error.
  void Feed(std::string_view bytes);
  // Puts the next request into `request` and returns kRequest, or returns kNeedMore when the fed bytes hold
  // no further whole request. kError is for good: see error().
  [[nodiscard]] Result Next(Request& request);

  // Copies the fed bytes that were not parsed yet, so that the caller may reuse their memory before Next has
  // returned kNeedMore: for a client that must wait while its pipeline goes on.
  void Retain();

  // A login takes effect with the next request, so the caller must not call Next between a login and its
  // outcome.
  void set_access(Access access) { access_ = access; }

  // The reply that is due before the connection is closed: "ERR Protocol error: ...". Empty while there is no
  // error.
  [[nodiscard]] std::string error() const;

  // Bytes fed that are not part of a request returned so far.
  [[nodiscard]] size_t pending_bytes() const;
  // Heap memory held.
  [[nodiscard]] size_t allocated_bytes() const;

 private:
  enum class State : uint8_t { kStart, kBulkHeader, kBulkBody, kDone, kFailed };
  enum class Step : uint8_t { kDone, kNeedMore, kFailed };
  enum class Fault : uint8_t;

  [[nodiscard]] std::string_view unparsed() const { return {data_ + position_, size_ - position_}; }

  void BeginRequest();
  Step Parse();
  Step ParseInline();
  Step ParseMultibulk();
  Step ParseCount();
  Step ParseBulkHeader();
  Step Fail(Fault fault);
  [[nodiscard]] int64_t HeldBytes() const;

  bool TakeMore();
  void Append(std::string_view bytes);
  [[nodiscard]] size_t WantedBytes() const;
  [[nodiscard]] size_t WantedCapacity() const;
  void MoveWords(uintptr_t from, const char* to);
  void LeaveBuffer();
  void ReleaseMemory();

  const RequestLimits& limits_;
  Access access_;
  State state_ = State::kStart;
  Fault fault_{};
  char unexpected_ = 0;  // instead of '$'

  // What is parsed now: the caller's bytes, or those of buffer_.
  bool in_buffer_ = false;
  const char* data_ = nullptr;
  size_t size_ = 0;
  size_t begin_ = 0;     // of the request being parsed, in data_
  size_t position_ = 0;  // of the next byte to parse
  size_t scanned_ = 0;   // bytes behind position_ that are known to hold no line end

  ByteBuffer buffer_;
  // While buffer_ is parsed: the caller's bytes, and how many of them were copied to the end of buffer_.
  std::string_view fed_;
  size_t taken_ = 0;

  int64_t words_left_ = 0;  // bulks still to come
  int64_t bulk_bytes_ = 0;  // length of the bulk being read
  Words words_;
  std::string unescaped_;  // words of an inline command that had quotes
};

}  // namespace holdfast::resp
