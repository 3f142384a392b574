#include "resp/request_parser.h"

#include <strings.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "resp/inline_words.h"
#include "resp/number_line.h"

namespace holdfast::resp {

enum class RequestParser::Fault : uint8_t {
  kNone,
  kInvalidMultibulkLength,
  kInvalidBulkLength,
  kUnexpectedType,
  kTooBigCount,
  kTooBigBulkCount,
  kTooBigInline,
  kUnbalancedQuotes,
  kUnauthenticatedCount,
  kUnauthenticatedBulk,
  kQueryBufferLimit,
  kHttp,
};

namespace {

// What is copied at a time from the caller's bytes when only a line's end is missing: few lines are longer.
constexpr size_t kLinePiece = 64;

// Room behind a big bulk for the small words that may follow it.
constexpr size_t kSlack = 1024;

// A web page can make a browser send a POST to a port on its machine; what follows must not be run as
// commands. Redis closes such connections too.
bool IsHttpWord(std::string_view word) {
  constexpr std::string_view kWords[] = {"post", "host:"};
  return std::any_of(std::begin(kWords), std::end(kWords), [word](std::string_view http) {
    return word.size() == http.size() && strncasecmp(word.data(), http.data(), http.size()) == 0;
  });
}

}  // namespace

void RequestParser::Feed(std::string_view bytes) {
  if (state_ == State::kFailed || bytes.empty()) return;
  Retain();
  if (buffer_.empty()) {
    data_ = bytes.data();
    size_ = bytes.size();
  } else {
    fed_ = bytes;
    taken_ = 0;
  }
}

RequestParser::Result RequestParser::Next(Request& request) {
  if (state_ == State::kFailed) return Result::kError;
  if (state_ == State::kDone) BeginRequest();
  for (;;) {
    const Step step = Parse();
    if (step == Step::kFailed) return Result::kError;
    if (step == Step::kNeedMore) {
      if (TakeMore()) continue;
      Retain();
      return Result::kNeedMore;
    }
    if (!words_.empty()) {
      state_ = State::kDone;
      request = words_;
      return Result::kRequest;
    }
    BeginRequest();
  }
}

void RequestParser::Retain() {
  if (state_ == State::kFailed) return;
  if (state_ == State::kDone) BeginRequest();
  if (in_buffer_) {
    Append(fed_.substr(taken_));
    fed_ = {};
    taken_ = 0;
  } else if (begin_ < size_) {
    // A buffer that is left over belongs to a request that was returned.
    buffer_.Release();
    const std::string_view rest(data_ + begin_, size_ - begin_);
    buffer_.Append(rest);
    MoveWords(reinterpret_cast<uintptr_t>(rest.data()), buffer_.data());
    position_ -= begin_;
    begin_ = 0;
    in_buffer_ = true;
    data_ = buffer_.data();
    size_ = buffer_.size();
  }
  if (begin_ == size_) ReleaseMemory();
}

// Everything before position_ is done with.
void RequestParser::BeginRequest() {
  words_.clear();
  state_ = State::kStart;
  begin_ = position_;
  if (in_buffer_) LeaveBuffer();
}

// Once the request that spanned two reads is complete, what follows lies whole in the caller's bytes.
void RequestParser::LeaveBuffer() {
  const size_t ahead = size_ - position_;
  if (fed_.empty() || ahead > taken_) return;
  in_buffer_ = false;
  data_ = fed_.data() + taken_ - ahead;
  size_ = fed_.size() - taken_ + ahead;
  begin_ = 0;
  position_ = 0;
  fed_ = {};
  taken_ = 0;
}

// Frees all memory: nothing is unfinished.
void RequestParser::ReleaseMemory() {
  buffer_.Release();
  in_buffer_ = false;
  data_ = nullptr;
  size_ = 0;
  begin_ = 0;
  position_ = 0;
  scanned_ = 0;
  words_.clear();
  words_.shrink_to_fit();
  if (unescaped_.capacity() > std::string().capacity()) std::string().swap(unescaped_);
}

// Copies so much of the caller's bytes to the buffer as the unfinished request may need. False if there are
// none.
bool RequestParser::TakeMore() {
  if (!in_buffer_ || taken_ == fed_.size()) return false;
  const std::string_view piece = fed_.substr(taken_, WantedBytes());
  taken_ += piece.size();
  Append(piece);
  return true;
}

size_t RequestParser::WantedBytes() const {
  if (state_ != State::kBulkBody) return kLinePiece;
  return static_cast<size_t>(bulk_bytes_) + 2 - (size_ - position_);
}

void RequestParser::Append(std::string_view bytes) {
  // Requests that were returned make room when they are half of the buffer, so that each byte moves only a
  // few times.
  if (buffer_.size() + bytes.size() > buffer_.capacity() && begin_ >= size_ - begin_) {
    buffer_.DropFront(begin_);
    MoveWords(reinterpret_cast<uintptr_t>(data_) + begin_, buffer_.data());
    position_ -= begin_;
    begin_ = 0;
  }
  const auto former = reinterpret_cast<uintptr_t>(data_);
  buffer_.Append(bytes, WantedCapacity());
  if (reinterpret_cast<uintptr_t>(buffer_.data()) != former) MoveWords(former, buffer_.data());
  data_ = buffer_.data();
  size_ = buffer_.size();
}

// Doubling keeps the work linear; what the client announced is only a ceiling.
size_t RequestParser::WantedCapacity() const {
  const size_t doubled = 2 * buffer_.size();
  if (state_ != State::kBulkBody) return doubled;
  return std::min(doubled, position_ + static_cast<size_t>(bulk_bytes_) + kSlack);
}

void RequestParser::MoveWords(uintptr_t from, const char* to) {
  for (std::string_view& word : words_) {
    const uintptr_t offset = reinterpret_cast<uintptr_t>(word.data()) - from;
    word = {to + offset, word.size()};
  }
}

RequestParser::Step RequestParser::Parse() {
  if (state_ != State::kStart) return ParseMultibulk();
  if (position_ == size_) return Step::kNeedMore;
  if (data_[position_] != '*') return ParseInline();
  const Step step = ParseCount();
  return step == Step::kDone ? ParseMultibulk() : step;
}

RequestParser::Step RequestParser::ParseInline() {
  const std::string_view input = unparsed();
  const size_t line_feed = input.find('\n', scanned_);
  scanned_ = input.size();
  if (std::min(line_feed, input.size()) > kMaxLineBytes) return Fail(Fault::kTooBigInline);
  if (line_feed == input.npos) return Step::kNeedMore;

  scanned_ = 0;
  std::string_view line = input.substr(0, line_feed);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!SplitInlineWords(line, words_, unescaped_)) return Fail(Fault::kUnbalancedQuotes);
  if (!words_.empty() && IsHttpWord(words_.front())) return Fail(Fault::kHttp);
  position_ += line_feed + 1;
  return Step::kDone;
}

RequestParser::Step RequestParser::ParseCount() {
  const NumberLine line = ReadNumberLine(unparsed(), scanned_);
  switch (line.status) {
    case NumberLine::Status::kRead:
      break;
    case NumberLine::Status::kIncomplete:
      scanned_ = size_ - position_ - 1;  // the last byte may be the CR
      return Step::kNeedMore;
    case NumberLine::Status::kTooLong:
      return Fail(Fault::kTooBigCount);
    case NumberLine::Status::kMalformed:
      return Fail(Fault::kInvalidMultibulkLength);
  }
  if (line.value > kMaxRequestWords) return Fail(Fault::kInvalidMultibulkLength);
  if (line.value > kMaxUnauthenticatedWords && access_ == Access::kDenied) {
    return Fail(Fault::kUnauthenticatedCount);
  }
  scanned_ = 0;
  position_ += line.size;
  words_left_ = std::max<int64_t>(line.value, 0);
  state_ = State::kBulkHeader;
  return Step::kDone;
}

RequestParser::Step RequestParser::ParseMultibulk() {
  for (; words_left_ > 0; --words_left_) {
    if (state_ == State::kBulkHeader) {
      const Step step = ParseBulkHeader();
      if (step != Step::kDone) return step;
    }
    if (size_ - position_ < static_cast<size_t>(bulk_bytes_) + 2) return Step::kNeedMore;
    words_.emplace_back(data_ + position_, static_cast<size_t>(bulk_bytes_));
    position_ += static_cast<size_t>(bulk_bytes_) + 2;
    state_ = State::kBulkHeader;
  }
  return Step::kDone;
}

RequestParser::Step RequestParser::ParseBulkHeader() {
  const NumberLine line = ReadNumberLine(unparsed(), scanned_);
  if (line.status == NumberLine::Status::kIncomplete) {
    scanned_ = std::max<size_t>(size_ - position_, 1) - 1;
    return Step::kNeedMore;
  }
  if (line.status == NumberLine::Status::kTooLong) return Fail(Fault::kTooBigBulkCount);
  if (data_[position_] != '$') {
    unexpected_ = data_[position_];
    return Fail(Fault::kUnexpectedType);
  }
  const bool valid =
      line.status == NumberLine::Status::kRead && line.value >= 0 && line.value <= limits_.proto_max_bulk_len;
  if (!valid) return Fail(Fault::kInvalidBulkLength);
  if (line.value > kMaxUnauthenticatedBulkBytes && access_ == Access::kDenied) {
    return Fail(Fault::kUnauthenticatedBulk);
  }
  if (line.value > limits_.client_query_buffer_limit - HeldBytes()) return Fail(Fault::kQueryBufferLimit);
  scanned_ = 0;
  position_ += line.size;
  bulk_bytes_ = line.value;
  state_ = State::kBulkBody;
  return Step::kDone;
}

// The memory that the request takes so far, with the word to come.
int64_t RequestParser::HeldBytes() const {
  const size_t word_list = (words_.size() + 1) * sizeof(std::string_view);
  return static_cast<int64_t>(position_ - begin_ + word_list);
}

RequestParser::Step RequestParser::Fail(Fault fault) {
  ReleaseMemory();
  fed_ = {};
  taken_ = 0;
  fault_ = fault;
  state_ = State::kFailed;
  return Step::kFailed;
}

std::string RequestParser::error() const {
  switch (fault_) {
    case Fault::kNone:
      return "";
    case Fault::kInvalidMultibulkLength:
      return "ERR Protocol error: invalid multibulk length";
    case Fault::kInvalidBulkLength:
      return "ERR Protocol error: invalid bulk length";
    case Fault::kUnexpectedType:
      return std::string("ERR Protocol error: expected '$', got '") + unexpected_ + '\'';
    case Fault::kTooBigCount:
      return "ERR Protocol error: too big mbulk count string";
    case Fault::kTooBigBulkCount:
      return "ERR Protocol error: too big bulk count string";
    case Fault::kTooBigInline:
      return "ERR Protocol error: too big inline request";
    case Fault::kUnbalancedQuotes:
      return "ERR Protocol error: unbalanced quotes in request";
    case Fault::kUnauthenticatedCount:
      return "ERR Protocol error: unauthenticated multibulk length";
    case Fault::kUnauthenticatedBulk:
      return "ERR Protocol error: unauthenticated bulk length";
    case Fault::kHttp:
      return "ERR Protocol error: an HTTP request, perhaps a browser's cross-site attack; connection closed";
    case Fault::kQueryBufferLimit:
      return "ERR Protocol error: query buffer limit exceeded";
  }
  return "";
}

size_t RequestParser::pending_bytes() const {
  const size_t begin = state_ == State::kDone ? position_ : begin_;
  return size_ - begin + fed_.size() - taken_;
}

size_t RequestParser::allocated_bytes() const {
  const size_t word_list =
      words_.capacity() > Words().capacity() ? words_.capacity() * sizeof(std::string_view) : 0;
  const size_t unescaped = unescaped_.capacity() > std::string().capacity() ? unescaped_.capacity() : 0;
  return buffer_.capacity() + word_list + unescaped;
}

}  // namespace holdfast::resp
