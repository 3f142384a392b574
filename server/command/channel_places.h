#pragma once

#include <cstddef>

#include "server/command/table.h"

namespace holdfast::server::command {

// The words of a request from `first` to before `end` that name channels, or patterns of channels.
struct ChannelPlaces {
  size_t first = 0;
  size_t end = 0;
  bool are_patterns = false;
};

// Of a command about channels (kPubSub), the channels that it sends to or listens to: those that its syntax
// line requires. Where they may be left out (UNSUBSCRIBE, PUBSUB NUMSUB) no permission is needed, and none
// are given.
[[nodiscard]] ChannelPlaces ChannelsIn(const Table::Entry& entry, size_t words);

}  // namespace holdfast::server::command
