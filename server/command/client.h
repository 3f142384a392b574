#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "resp/reply_writer.h"

namespace holdfast::server::command {

// Whether a connection's replies are sent (CLIENT REPLY). kSkipThis: kSkipNext was said of the request that
// runs.
enum class ReplyMode : uint8_t { kOn, kOff, kSkipNext, kSkipThis };

// A connection as commands may see it: plain data, owned by the engine. Handlers may change the fields of the
// first group of their own client; the others are the engine's to change.
struct Client {
  // A handler may change these.
  std::string name;             // CLIENT SETNAME
  std::string library_name;     // CLIENT SETINFO
  std::string library_version;  // CLIENT SETINFO
  std::string user = "default";
  int database = 0;  // SELECT
  resp::Protocol protocol = resp::Protocol::kResp2;
  bool authenticated = false;
  bool no_evict = false;
  bool no_touch = false;
  bool close_after_reply = false;  // QUIT: nothing more is read, what is written is sent
  ReplyMode reply_mode = ReplyMode::kOn;

  // Facts.
  uint64_t id = 0;
  std::string address;        // "127.0.0.1:50312", or the socket's path with ":0"
  std::string local_address;  // the same of our end
  int socket = -1;            // the file descriptor, for CLIENT LIST
  bool unix_socket = false;
  absl::Time connected;
  absl::Time last_interaction;
  std::string_view last_command = "NULL";  // the name in the command table, e.g. "client|list"
  uint64_t commands = 0;
  size_t last_argument_bytes = 0;
  uint64_t refused = 0;  // commands, for want of disk

  // Summaries of state that the engine holds.
  bool in_multi = false;
  size_t queued_commands = 0;
  size_t watched_keys = 0;
  size_t channels = 0;  // subscriptions
  size_t patterns = 0;
  size_t shard_channels = 0;
  bool blocked = false;
  bool monitoring = false;  // MONITOR
  bool in_script = false;   // this is the script's own view of a client: SELECT in it does not last
  size_t reply_bytes = 0;   // written, not yet taken by the socket

  // As confirmations count them; shard channels are counted apart.
  [[nodiscard]] size_t subscriptions() const { return channels + patterns; }
  // It listens: in RESP2 it may say little else.
  [[nodiscard]] bool subscribed() const { return channels + patterns + shard_channels > 0; }
};

}  // namespace holdfast::server::command
