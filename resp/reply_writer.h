#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::resp {

// The reply types differ between the two protocols; a connection starts with RESP2 and HELLO 3 changes it.
enum class Protocol : uint8_t { kResp2 = 2, kResp3 = 3 };

// Writes replies in the protocol of one connection, so that a command never asks which one that is.
// https://redis.io/docs/reference/protocol-spec/
//
//   ReplyWriter reply(buffer, Protocol::kResp3);
//   reply.Array(2);
//   reply.Bulk("queue:default");
//   reply.Bulk(payload);
//
// Appends to a buffer it does not own. A header (Array, Map, Set, Push) promises that many elements: the
// writer does not count. No thread, no socket.
class ReplyWriter {
 public:
  ReplyWriter(std::string& out, Protocol protocol) : out_(out), protocol_(protocol) {}

  [[nodiscard]] Protocol protocol() const { return protocol_; }
  // HELLO changes the protocol of its own reply.
  void set_protocol(Protocol protocol) { protocol_ = protocol; }
  // Bytes in the buffer: a mark to cut back to with Truncate.
  [[nodiscard]] size_t size() const { return out_.size(); }
  // Drops everything written since size() was `size`.
  void Truncate(size_t size) { out_.resize(size); }

  void SimpleString(std::string_view text);  // +text; must not hold CR or LF
  void Ok() { SimpleString("OK"); }
  // `text` begins with the error's code word: "ERR syntax error". CR and LF in it become spaces.
  void Error(std::string_view text);
  void Integer(int64_t value);
  void Bulk(std::string_view bytes);
  void BulkInteger(int64_t value);          // the number's digits as a bulk string
  void Null();                              // $-1 or _
  void NullArray();                         // *-1 or _
  void Boolean(bool value);                 // :1, :0 or #t, #f
  void Double(double value);                // bulk string or ,value; text as FormatDouble
  void BigNumber(std::string_view digits);  // bulk string or (digits
  void Verbatim(std::string_view format, std::string_view bytes);  // bulk string or =len txt:bytes
  void Array(size_t elements);
  void Map(size_t pairs);  // *2n or %n: 2n elements follow
  // An array of pairs that is flat in RESP2: *2n, or *n of *2. Each pair begins with Pair().
  void Pairs(size_t pairs);
  void Pair();  // nothing, or *2: two elements follow
  void Set(size_t elements);
  void Push(size_t elements);  // *n or >n
  // Bytes that are a whole reply already, in this writer's protocol.
  void Raw(std::string_view reply);

 private:
  std::string& out_;
  Protocol protocol_;
};

}  // namespace holdfast::resp
