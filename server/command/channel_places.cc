#include "server/command/channel_places.h"

namespace holdfast::server::command {

ChannelPlaces ChannelsIn(const Table::Entry& entry, size_t words) {
  size_t at = entry.name_words();
  for (const Argument& argument : entry.syntax.arguments()) {
    if (argument.optional) break;
    const bool is_pattern = argument.type == Argument::Type::kPattern;
    if (is_pattern || argument.name == "channel" || argument.name == "shardchannel") {
      const size_t end = argument.multiple ? words : at + 1;
      return {at, end < words ? end : words, is_pattern};
    }
    ++at;
  }
  return {};
}

}  // namespace holdfast::server::command
