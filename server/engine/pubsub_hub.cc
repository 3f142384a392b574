#include "server/engine/pubsub_hub.h"

#include "resp/reply_writer.h"
#include "server/command/glob.h"

namespace holdfast::server::engine {
namespace {

using Kind = command::PubSub::Kind;

command::StringSet& NamesOf(Session& session, Kind kind) {
  return kind == Kind::kChannel ? session.channel_names : session.pattern_names;
}

void Count(Session& session) {
  session.channels = session.channel_names.size();
  session.patterns = session.pattern_names.size();
}

// A message differs only by protocol, and most receivers of one speak the same.
class Message {
 public:
  Message(std::string_view pattern, std::string_view channel, std::string_view payload)
      : pattern_(pattern), channel_(channel), payload_(payload) {}

  std::string_view In(resp::Protocol protocol) {
    std::string& text = protocol == resp::Protocol::kResp2 ? resp2_ : resp3_;
    if (text.empty()) Write(text, protocol);
    return text;
  }

 private:
  void Write(std::string& text, resp::Protocol protocol) const {
    resp::ReplyWriter writer(text, protocol);
    writer.Push(pattern_.data() == nullptr ? 3 : 4);
    writer.Bulk(pattern_.data() == nullptr ? "message" : "pmessage");
    if (pattern_.data() != nullptr) writer.Bulk(pattern_);
    writer.Bulk(channel_);
    writer.Bulk(payload_);
  }

  std::string_view pattern_;  // null data: to subscribers of the channel itself
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
  for (const Kind kind : {Kind::kChannel, Kind::kPattern}) {
    for (const std::string& name : Subscriptions(session, kind)) Unsubscribe(session, kind, name);
  }
}

std::vector<std::string> PubSubHub::Subscriptions(const command::Client& client, Kind kind) const {
  const Session& session = SessionOf(client);
  const command::StringSet& names = kind == Kind::kChannel ? session.channel_names : session.pattern_names;
  return {names.begin(), names.end()};
}

int64_t PubSubHub::Publish(std::string_view channel, std::string_view message) {
  int64_t receivers = 0;
  const auto send = [&](const Receivers& to, Message text) {
    for (const auto& [id, session] : to) deliver_(*session, text.In(session->protocol));
    receivers += static_cast<int64_t>(to.size());
  };
  if (const auto found = channels_.find(channel); found != channels_.end()) {
    send(found->second, Message({}, channel, message));
  }
  for (const auto& [pattern, to] : patterns_) {
    if (command::GlobMatches(pattern, channel)) send(to, Message(pattern, channel, message));
  }
  return receivers;
}

std::vector<std::string> PubSubHub::ActiveChannels(std::string_view pattern) const {
  std::vector<std::string> names;
  for (const auto& [name, receivers] : channels_) {
    if (command::GlobMatches(pattern, name)) names.push_back(name);
  }
  return names;
}

int64_t PubSubHub::SubscriberCount(std::string_view channel) const {
  const auto found = channels_.find(channel);
  return found == channels_.end() ? 0 : static_cast<int64_t>(found->second.size());
}

}  // namespace holdfast::server::engine
