#include "server/engine/pubsub_hub.h"

#include "resp/reply_writer.h"
#include "server/command/glob.h"

namespace holdfast::server::engine {
namespace {

using Kind = command::PubSub::Kind;

command::StringSet& NamesOf(Session& session, Kind kind) {
  switch (kind) {
    case Kind::kChannel:
      break;
    case Kind::kPattern:
      return session.pattern_names;
    case Kind::kShard:
      return session.shard_names;
  }
  return session.channel_names;
}

const command::StringSet& NamesOf(const Session& session, Kind kind) {
  return NamesOf(const_cast<Session&>(session), kind);
}

void Count(Session& session) {
  session.channels = session.channel_names.size();
  session.patterns = session.pattern_names.size();
  session.shard_channels = session.shard_names.size();
}

std::string_view WordFor(Kind kind) {
  switch (kind) {
    case Kind::kChannel:
      break;
    case Kind::kPattern:
      return "pmessage";
    case Kind::kShard:
      return "smessage";
  }
  return "message";
}

// A message differs only by protocol, and most receivers of one speak the same.
class Message {
 public:
  // `pattern` counts for kPattern only.
  Message(Kind kind, std::string_view pattern, std::string_view channel, std::string_view payload)
      : kind_(kind), pattern_(pattern), channel_(channel), payload_(payload) {}

  std::string_view In(resp::Protocol protocol) {
    std::string& text = protocol == resp::Protocol::kResp2 ? resp2_ : resp3_;
    if (text.empty()) Write(text, protocol);
    return text;
  }

 private:
  void Write(std::string& text, resp::Protocol protocol) const {
    resp::ReplyWriter writer(text, protocol);
    writer.Push(kind_ == Kind::kPattern ? 4 : 3);
    writer.Bulk(WordFor(kind_));
    if (kind_ == Kind::kPattern) writer.Bulk(pattern_);
    writer.Bulk(channel_);
    writer.Bulk(payload_);
  }

  Kind kind_;
  std::string_view pattern_;
  std::string_view channel_;
  std::string_view payload_;
  std::string resp2_;
  std::string resp3_;
};

}  // namespace

bool PubSubHub::Subscribe(command::Client& client, Kind kind, std::string_view name) {
  Session& session = SessionOf(client);
  if (!NamesOf(session, kind).insert(std::string(name)).second) return false;
  topics(kind)[std::string(name)].emplace(session.id, &session);
  Count(session);
  return true;
}

bool PubSubHub::Unsubscribe(command::Client& client, Kind kind, std::string_view name) {
  Session& session = SessionOf(client);
  command::StringSet& names = NamesOf(session, kind);
  const auto own = names.find(name);
  if (own == names.end()) return false;
  const auto topic = topics(kind).find(name);
  topic->second.erase(session.id);
  if (topic->second.empty()) topics(kind).erase(topic);
  names.erase(own);
  Count(session);
  return true;
}

void PubSubHub::UnsubscribeAll(Session& session) {
  for (const Kind kind : {Kind::kChannel, Kind::kPattern, Kind::kShard}) {
    for (const std::string& name : Subscriptions(session, kind)) Unsubscribe(session, kind, name);
  }
}

std::vector<std::string> PubSubHub::Subscriptions(const command::Client& client, Kind kind) const {
  const command::StringSet& names = NamesOf(SessionOf(client), kind);
  return {names.begin(), names.end()};
}

const PubSubHub::Topics& PubSubHub::topics(Kind kind) const {
  switch (kind) {
    case Kind::kChannel:
      break;
    case Kind::kPattern:
      return patterns_;
    case Kind::kShard:
      return shard_channels_;
  }
  return channels_;
}

int64_t PubSubHub::Publish(Kind kind, std::string_view channel, std::string_view message) {
  int64_t receivers = 0;
  const auto send = [&](const Receivers& to, Message text) {
    for (const auto& [id, session] : to) deliver_(*session, text.In(session->protocol));
    receivers += static_cast<int64_t>(to.size());
  };
  const Topics& listened = topics(kind);
  if (const auto found = listened.find(channel); found != listened.end()) {
    send(found->second, Message(kind, {}, channel, message));
  }
  if (kind != Kind::kChannel) return receivers;
  for (const auto& [pattern, to] : patterns_) {
    if (command::GlobMatches(pattern, channel)) {
      send(to, Message(Kind::kPattern, pattern, channel, message));
    }
  }
  return receivers;
}

std::vector<std::string> PubSubHub::ActiveChannels(Kind kind, std::string_view pattern) const {
  std::vector<std::string> names;
  for (const auto& [name, receivers] : topics(kind)) {
    if (command::GlobMatches(pattern, name)) names.push_back(name);
  }
  return names;
}

int64_t PubSubHub::SubscriberCount(Kind kind, std::string_view channel) const {
  const auto found = topics(kind).find(channel);
  return found == topics(kind).end() ? 0 : static_cast<int64_t>(found->second.size());
}

}  // namespace holdfast::server::engine
