#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "absl/time/time.h"
#include "server/command/client.h"

namespace holdfast::server::command {

// One line of CLIENT LIST, line end included, with Redis 7.2's fields in Redis's order:
// "id=3 addr=127.0.0.1:57536 laddr=127.0.0.1:6379 fd=8 name= age=0 ...".
//
// `request_bytes` is the request that it has running, as it came (RequestBytes; 0: none), and shows as qbuf.
// Connections read through one buffer that they share, so nothing of it is free for one alone: qbuf-free is
// 0. rbs, rbp and omem are the replies that wait to be taken; tot-mem is what the engine holds for the
// client, estimated.
[[nodiscard]] std::string ClientLine(const command::Client& client, absl::Time now, size_t request_bytes = 0);

// How many bytes a request of these words takes in the protocol.
[[nodiscard]] size_t RequestBytes(std::span<const std::string_view> words);

}  // namespace holdfast::server::command
