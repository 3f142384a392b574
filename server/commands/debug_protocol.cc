#include "server/commands/debug_protocol.h"

#include "server/command/client.h"
#include "server/command/context.h"
#include "server/command/words.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kNoResp2("ERR RESP2 is not supported by this command");
const CommandError kUnknownType(
    "ERR Wrong protocol type name. Please use one of the following: "
    "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");

void WriteNumbers(resp::ReplyWriter& reply) {
  for (int i = 0; i < 3; ++i) reply.Integer(i);
}

void WriteMap(resp::ReplyWriter& reply) {
  reply.Map(3);
  for (int i = 0; i < 3; ++i) {
    reply.Integer(i);
    reply.Boolean(i == 1);
  }
}

void WriteAttribute(Context& context) {
  if (context.client.protocol == resp::Protocol::kResp3) {
    context.reply.Raw("|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n");
  }
  context.reply.Bulk("Some real reply following the attribute");
}

void WritePush(resp::ReplyWriter& reply) {
  reply.Push(2);
  reply.Bulk("server-cpu-usage");
  reply.Integer(42);
  reply.Bulk("Some real reply following the push reply");
}

struct Sample {
  std::string_view type;
  void (*write)(Context& context);
};

constexpr Sample kSamples[] = {
    {"string", [](Context& context) { context.reply.Bulk("Hello World"); }},
    {"integer", [](Context& context) { context.reply.Integer(12345); }},
    {"double", [](Context& context) { context.reply.Double(3.141); }},
    {"null", [](Context& context) { context.reply.Null(); }},
    {"array", [](Context& context) { context.reply.Array(3), WriteNumbers(context.reply); }},
    {"set", [](Context& context) { context.reply.Set(3), WriteNumbers(context.reply); }},
    {"map", [](Context& context) { WriteMap(context.reply); }},
    {"attrib", WriteAttribute},
    {"push", [](Context& context) { WritePush(context.reply); }},
    {"verbatim", [](Context& context) { context.reply.Verbatim("txt", "This is a verbatim\nstring"); }},
    {"true", [](Context& context) { context.reply.Boolean(true); }},
    {"false", [](Context& context) { context.reply.Boolean(false); }},
    {"bignum", [](Context& context) { context.reply.BigNumber("1234567999999999999999999999999999999"); }},
};

}  // namespace

Outcome DebugProtocol(Context& context) {
  const std::string_view type = context.args.Bytes();
  const bool resp2 = context.client.protocol == resp::Protocol::kResp2;
  if (resp2 && EqualsIgnoreCase(type, "push")) return kNoResp2;
  for (const Sample& sample : kSamples) {
    if (!EqualsIgnoreCase(sample.type, type)) continue;
    sample.write(context);
    return Done{};
  }
  return kUnknownType;
}

}  // namespace holdfast::server::commands
