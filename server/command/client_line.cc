#include "server/command/client_line.h"

#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

std::string Flags(const Client& client) {
  std::string flags;
  if (client.monitoring) flags += 'O';
  if (client.subscribed()) flags += 'P';
  if (client.in_multi) flags += 'x';
  if (client.blocked) flags += 'b';
  if (client.close_after_reply) flags += 'c';
  if (client.unix_socket) flags += 'U';
  if (client.no_evict) flags += 'e';
  if (client.no_touch) flags += 'T';
  return flags.empty() ? "N" : flags;
}

std::string Seconds(absl::Duration duration) { return std::to_string(absl::ToInt64Seconds(duration)); }

size_t MemoryOf(const Client& client) {
  size_t bytes = sizeof(Client);
  for (const std::string* text : {&client.name, &client.library_name, &client.library_version, &client.user,
                                  &client.address, &client.local_address}) {
    bytes += text->capacity();
  }
  return bytes + client.last_argument_bytes + client.reply_bytes;
}

}  // namespace

size_t RequestBytes(std::span<const std::string_view> words) {
  constexpr std::string_view kLineEnd = "\r\n";
  const auto header = [&](size_t number) { return 1 + std::to_string(number).size() + kLineEnd.size(); };
  size_t bytes = header(words.size());
  for (const std::string_view word : words) bytes += header(word.size()) + word.size() + kLineEnd.size();
  return bytes;
}

std::string ClientLine(const Client& client, absl::Time now, size_t request_bytes) {
  const auto number = [](auto value) { return std::to_string(value); };
  return Concat({"id=",
                 number(client.id),
                 " addr=",
                 client.address,
                 " laddr=",
                 client.local_address,
                 " fd=",
                 number(client.socket),
                 " name=",
                 client.name,
                 " age=",
                 Seconds(now - client.connected),
                 " idle=",
                 Seconds(now - client.last_interaction),
                 " flags=",
                 Flags(client),
                 " db=",
                 number(client.database),
                 " sub=",
                 number(client.channels),
                 " psub=",
                 number(client.patterns),
                 " ssub=",
                 number(client.shard_channels),
                 " multi=",
                 client.in_multi ? number(client.queued_commands) : "-1",
                 " qbuf=",
                 number(request_bytes),
                 " qbuf-free=0 argv-mem=",
                 number(client.last_argument_bytes),
                 " multi-mem=0 rbs=",
                 number(client.reply_bytes),
                 " rbp=",
                 number(client.reply_bytes),
                 " obl=0 oll=0 omem=",
                 number(client.reply_bytes),
                 " tot-mem=",
                 number(MemoryOf(client) + request_bytes),
                 " events=r cmd=",
                 client.last_command,
                 " user=",
                 client.user,
                 " redir=-1 resp=",
                 number(static_cast<int>(client.protocol)),
                 " lib-name=",
                 client.library_name,
                 " lib-ver=",
                 client.library_version,
                 " refused=",
                 number(client.refused),
                 "\n"});
}

}  // namespace holdfast::server::command
