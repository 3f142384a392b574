#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "server/command/services.h"
#include "server/command/string_map.h"
#include "server/engine/session.h"

namespace holdfast::server::engine {

// Channels, patterns and who listens. Not per database, as in Redis.
class PubSubHub final : public command::PubSub {
 public:
  // `deliver` is given a whole message, in the session's protocol.
  using Deliver = std::function<void(Session& session, std::string_view message)>;
  explicit PubSubHub(Deliver deliver) : deliver_(std::move(deliver)) {}

  void UnsubscribeAll(Session& session);

  // command::PubSub.
  bool Subscribe(command::Client& client, Kind kind, std::string_view name) override;
  bool Unsubscribe(command::Client& client, Kind kind, std::string_view name) override;
  [[nodiscard]] std::vector<std::string> Subscriptions(const command::Client& client,
                                                       Kind kind) const override;
  int64_t Publish(Kind kind, std::string_view channel, std::string_view message) override;
  [[nodiscard]] std::vector<std::string> ActiveChannels(Kind kind, std::string_view pattern) const override;
  [[nodiscard]] int64_t SubscriberCount(Kind kind, std::string_view channel) const override;
  [[nodiscard]] int64_t PatternCount() const override { return static_cast<int64_t>(patterns_.size()); }
  [[nodiscard]] size_t channel_count() const { return channels_.size(); }
  [[nodiscard]] size_t shard_channel_count() const { return shard_channels_.size(); }

 private:
  // By client id: receivers in order of their connection.
  using Receivers = absl::btree_map<uint64_t, Session*>;
  using Topics = command::StringMap<Receivers>;

  [[nodiscard]] const Topics& topics(Kind kind) const;
  [[nodiscard]] Topics& topics(Kind kind) { return const_cast<Topics&>(std::as_const(*this).topics(kind)); }

  Deliver deliver_;
  Topics channels_;
  Topics patterns_;
  Topics shard_channels_;
};

}  // namespace holdfast::server::engine
