#include "resp/reply.h"

#include <array>
#include <cstdio>

namespace holdfast::resp {
namespace {

void AppendReply(std::string& out, const Reply& reply, const std::string& indent);

std::string_view EmptyAggregate(Reply::Type type) {
  switch (type) {
    case Reply::Type::kMap:
      return "(empty hash)";
    case Reply::Type::kSet:
      return "(empty set)";
    case Reply::Type::kPush:
      return "(empty push)";
    default:
      return "(empty array)";
  }
}

char IndexMark(Reply::Type type) {
  switch (type) {
    case Reply::Type::kMap:
      return '#';
    case Reply::Type::kSet:
      return '~';
    default:
      return ')';
  }
}

bool TakesSeveralLines(const Reply& reply) {
  const size_t stride = reply.type == Reply::Type::kMap ? 2 : 1;
  if (reply.elements.size() != stride) return reply.elements.size() > stride;
  return TakesSeveralLines(reply.elements.back());
}

// Indices are right-aligned under each other, and what lies deeper is indented by their width.
void AppendAggregate(std::string& out, const Reply& reply, const std::string& indent) {
  const size_t stride = reply.type == Reply::Type::kMap ? 2 : 1;
  const size_t width = std::to_string(reply.elements.size() / stride).size();
  const std::string deeper = indent + std::string(width + 2, ' ');
  for (size_t i = 0; i + stride <= reply.elements.size(); i += stride) {
    if (i > 0) out += '\n' + indent;
    const std::string index = std::to_string(i / stride + 1);
    out.append(width - index.size(), ' ');
    out += index + IndexMark(reply.type) + ' ';
    AppendReply(out, reply.elements[i], deeper);
    if (stride == 1) continue;
    out += " => ";
    if (TakesSeveralLines(reply.elements[i + 1])) out += '\n' + deeper;
    AppendReply(out, reply.elements[i + 1], deeper);
  }
}

void AppendReply(std::string& out, const Reply& reply, const std::string& indent) {
  switch (reply.type) {
    case Reply::Type::kNull:
    case Reply::Type::kNullArray:
      out += "(nil)";
      return;
    case Reply::Type::kSimpleString:
    case Reply::Type::kVerbatim:
      out += reply.text;
      return;
    case Reply::Type::kError:
      out += "(error) " + reply.text;
      return;
    case Reply::Type::kInteger:
      out += "(integer) " + std::to_string(reply.integer);
      return;
    case Reply::Type::kBulk:
      out += Quoted(reply.text);
      return;
    case Reply::Type::kBoolean:
      out += reply.integer != 0 ? "(true)" : "(false)";
      return;
    case Reply::Type::kDouble:
      out += "(double) " + reply.text;
      return;
    case Reply::Type::kBigNumber:
      out += "(big number) " + reply.text;
      return;
    case Reply::Type::kArray:
    case Reply::Type::kMap:
    case Reply::Type::kSet:
    case Reply::Type::kPush:
      if (reply.elements.empty()) {
        out += EmptyAggregate(reply.type);
      } else {
        AppendAggregate(out, reply, indent);
      }
      return;
  }
}

void AppendQuoted(std::string& out, char c) {
  constexpr std::string_view kEscaped = "\\\"\n\r\t\a\b";
  constexpr std::string_view kLetters = "\\\"nrtab";
  const size_t escape = kEscaped.find(c);
  if (escape != kEscaped.npos) {
    out += '\\';
    out += kLetters[escape];
  } else if (c >= ' ' && c <= '~') {
    out += c;
  } else {
    std::array<char, 8> hex;
    std::snprintf(hex.data(), hex.size(), "\\x%02x", static_cast<unsigned char>(c));
    out += hex.data();
  }
}

}  // namespace

std::string FormatReply(const Reply& reply) {
  std::string out;
  AppendReply(out, reply, "");
  return out;
}

std::string Quoted(std::string_view bytes) {
  std::string out = "\"";
  for (char c : bytes) AppendQuoted(out, c);
  out += '"';
  return out;
}

}  // namespace holdfast::resp
