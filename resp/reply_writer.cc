#include "resp/reply_writer.h"

#include <array>
#include <charconv>

#include "resp/number.h"

namespace holdfast::resp {
namespace {

constexpr std::string_view kCrLf = "\r\n";

// Type, decimal number and line end: every header and every integer reply.
void AppendNumberLine(std::string& out, char type, int64_t number) {
  std::array<char, 24> line;
  line[0] = type;
  char* end = std::to_chars(line.data() + 1, line.data() + line.size(), number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(line.data(), end);
}

void AppendLine(std::string& out, char type, std::string_view text) {
  out += type;
  out += text;
  out += kCrLf;
}

void AppendBulk(std::string& out, char type, std::string_view bytes) {
  AppendNumberLine(out, type, static_cast<int64_t>(bytes.size()));
  out += bytes;
  out += kCrLf;
}

}  // namespace

void ReplyWriter::SimpleString(std::string_view text) { AppendLine(out_, '+', text); }

void ReplyWriter::Error(std::string_view text) {
  const size_t begin = out_.size() + 1;
  AppendLine(out_, '-', text);
  for (size_t i = begin; i < begin + text.size(); ++i) {
    if (out_[i] == '\r' || out_[i] == '\n') out_[i] = ' ';
  }
}

void ReplyWriter::Integer(int64_t value) { AppendNumberLine(out_, ':', value); }

void ReplyWriter::Bulk(std::string_view bytes) { AppendBulk(out_, '$', bytes); }

void ReplyWriter::BulkInteger(int64_t value) {
  std::array<char, 24> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  Bulk({digits.data(), static_cast<size_t>(end - digits.data())});
}

void ReplyWriter::Null() { out_ += protocol_ == Protocol::kResp2 ? "$-1\r\n" : "_\r\n"; }

void ReplyWriter::NullArray() { out_ += protocol_ == Protocol::kResp2 ? "*-1\r\n" : "_\r\n"; }

void ReplyWriter::Boolean(bool value) {
  if (protocol_ == Protocol::kResp2) {
    Integer(value ? 1 : 0);
  } else {
    out_ += value ? "#t\r\n" : "#f\r\n";
  }
}

void ReplyWriter::Double(double value) {
  const std::string text = FormatDouble(value);
  if (protocol_ == Protocol::kResp2) {
    Bulk(text);
  } else {
    AppendLine(out_, ',', text);
  }
}

void ReplyWriter::BigNumber(std::string_view digits) {
  if (protocol_ == Protocol::kResp2) {
    Bulk(digits);
  } else {
    AppendLine(out_, '(', digits);
  }
}

void ReplyWriter::Verbatim(std::string_view format, std::string_view bytes) {
  if (protocol_ == Protocol::kResp2) {
    Bulk(bytes);
    return;
  }
  AppendNumberLine(out_, '=', static_cast<int64_t>(format.size() + 1 + bytes.size()));
  out_ += format;
  AppendLine(out_, ':', bytes);
}

void ReplyWriter::Array(size_t elements) { AppendNumberLine(out_, '*', static_cast<int64_t>(elements)); }

void ReplyWriter::Map(size_t pairs) {
  if (protocol_ == Protocol::kResp2) {
    Array(2 * pairs);
  } else {
    AppendNumberLine(out_, '%', static_cast<int64_t>(pairs));
  }
}

void ReplyWriter::Pairs(size_t pairs) { Array(protocol_ == Protocol::kResp2 ? 2 * pairs : pairs); }

void ReplyWriter::Pair() {
  if (protocol_ == Protocol::kResp3) Array(2);
}

void ReplyWriter::Set(size_t elements) {
  const char type = protocol_ == Protocol::kResp2 ? '*' : '~';
  AppendNumberLine(out_, type, static_cast<int64_t>(elements));
}

void ReplyWriter::Push(size_t elements) {
  const char type = protocol_ == Protocol::kResp2 ? '*' : '>';
  AppendNumberLine(out_, type, static_cast<int64_t>(elements));
}

void ReplyWriter::Raw(std::string_view reply) { out_ += reply; }

}  // namespace holdfast::resp
