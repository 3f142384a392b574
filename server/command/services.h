#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/command/client.h"
#include "server/command/outcome.h"

namespace holdfast::server::command {

struct Context;
class AclUser;
class Functions;
class Table;
class SlowLog;
class Latency;

// What a handler can ask of the server beyond the keyspace: small interfaces that the engine implements. All
// calls come on the engine's thread, from inside a handler.

// Channels and who listens. Messages are replies of the turn: nobody hears of a change that could be lost.
class PubSub {
 public:
  enum class Kind : uint8_t { kChannel, kPattern, kShard };

  virtual ~PubSub() = default;
  // False if nothing changes. Client::channels, ::patterns and ::shard_channels follow.
  virtual bool Subscribe(Client& client, Kind kind, std::string_view name) = 0;
  virtual bool Unsubscribe(Client& client, Kind kind, std::string_view name) = 0;
  [[nodiscard]] virtual std::vector<std::string> Subscriptions(const Client& client, Kind kind) const = 0;
  // To a channel (kChannel, and whose patterns match) or to a shard channel (kShard). How many clients
  // received it; one that matches by channel and by patterns counts each time.
  virtual int64_t Publish(Kind kind, std::string_view channel, std::string_view message) = 0;
  // Channels of that kind that have subscribers, matching the glob `pattern` ("*" for all).
  [[nodiscard]] virtual std::vector<std::string> ActiveChannels(Kind kind,
                                                                std::string_view pattern) const = 0;
  [[nodiscard]] virtual int64_t SubscriberCount(Kind kind, std::string_view channel) const = 0;
  [[nodiscard]] virtual int64_t PatternCount() const = 0;
};

// All connections.
class Clients {
 public:
  enum class Unblock : uint8_t { kTimeout, kError };
  enum class Paused : uint8_t { kWrites, kAll };

  virtual ~Clients() = default;
  // In order of their ids.
  virtual void ForEach(absl::FunctionRef<void(const Client&)> visit) const = 0;
  [[nodiscard]] virtual const Client* Find(uint64_t id) const = 0;
  // Closes the connection; one that kills itself still gets its replies. False if there is none.
  virtual bool Kill(uint64_t id) = 0;
  // False if it is not blocked.
  virtual bool UnblockClient(uint64_t id, Unblock how) = 0;
  // Holds commands back until then; a pause that runs is made longer and wider, never less.
  virtual void Pause(Paused what, absl::Time until) = 0;
  virtual void Unpause() = 0;
  // It hears of every command from now on. False if it did already.
  virtual bool Monitor(Client& client) = 0;
  // Back to what a new connection is: MULTI, WATCH, subscriptions, name, database, protocol, user.
  virtual void Reset(Client& client) = 0;
};

// MULTI and its kin, of the client that asks.
class Transactions {
 public:
  virtual ~Transactions() = default;
  virtual Outcome Begin(Client& client) = 0;
  virtual Outcome Execute(Context& context) = 0;
  virtual Outcome Discard(Client& client) = 0;
  virtual Outcome Watch(Client& client, std::span<const std::string_view> keys) = 0;
  virtual void Unwatch(Client& client) = 0;
};

// Lua scripts, kept in memory by their SHA-1.
class Scripts {
 public:
  enum class Access : uint8_t { kReadWrite, kReadOnly };

  virtual ~Scripts() = default;
  virtual Outcome Evaluate(Context& context, std::string_view body, std::span<const std::string_view> keys,
                           std::span<const std::string_view> arguments, Access access) = 0;
  virtual Outcome EvaluateKnown(Context& context, std::string_view sha,
                                std::span<const std::string_view> keys,
                                std::span<const std::string_view> arguments, Access access) = 0;
  // Compiles and keeps it; `sha` is 40 lower-case hexadecimal digits. An error if it does not compile.
  virtual std::optional<CommandError> Load(std::string_view body, std::string& sha) = 0;
  [[nodiscard]] virtual bool Knows(std::string_view sha) const = 0;
  virtual void Flush() = 0;
  // Stops the script that runs now, unless it has written.
  virtual Outcome Kill() = 0;
  // What a command is told that came while a script or a function is over its time; nullopt if none runs.
  [[nodiscard]] virtual std::optional<CommandError> busy() const = 0;
};

// The parameters of CONFIG GET and CONFIG SET.
class Settings {
 public:
  using Pair = std::pair<std::string, std::string>;

  virtual ~Settings() = default;
  // Those whose names match one of the glob patterns, each once.
  [[nodiscard]] virtual std::vector<Pair> Get(std::span<const std::string_view> patterns) const = 0;
  // `names_and_values` alternate. All of them or none.
  virtual std::optional<CommandError> Set(std::span<const std::string_view> names_and_values) = 0;
  // Writes what differs from the presets into the configuration file. Why it could not, if it could not.
  virtual std::optional<CommandError> Rewrite() = 0;
};

// An entry of ACL LOG: something that was denied, and how often within a minute.
struct AclLogEntry {
  uint64_t id = 0;
  uint64_t count = 1;
  std::string_view reason;   // "command", "key", "channel", "auth"
  std::string_view context;  // "toplevel", "multi", "lua"
  std::string object;        // the command, key or channel
  std::string user;
  std::string client;  // as in CLIENT LIST
  absl::Time created;
  absl::Time updated;
};

// Users, logins and what was denied.
class Acl {
 public:
  virtual ~Acl() = default;
  // Makes the client that user. False, and a line in the log, if the user is off, unknown or the password
  // wrong; `object` is the command by which it was tried.
  virtual bool LogIn(Client& client, std::string_view user, std::string_view password,
                     std::string_view object) = 0;
  // Whether new connections have to log in, because the default user is off or has a password.
  [[nodiscard]] virtual bool needs_login() const = 0;

  // Null if there is none.
  [[nodiscard]] virtual const AclUser* Find(std::string_view name) const = 0;
  // In byte order of their names.
  [[nodiscard]] virtual std::vector<const AclUser*> All() const = 0;
  // The client's own.
  [[nodiscard]] virtual const AclUser& UserOf(const Client& client) const = 0;
  // Creates or changes a user by rules as ACL SETUSER takes them, all of them or none; connections that
  // listen to channels that it may not hear any more are closed.
  virtual std::optional<CommandError> Set(std::string_view name, std::span<const std::string_view> rules) = 0;
  // False if there is none. Its connections are closed.
  virtual bool Delete(std::string_view name) = 0;
  // The users of the ACL file take the place of all; and the other way round.
  virtual std::optional<CommandError> Load() = 0;
  virtual std::optional<CommandError> Save() = 0;

  // The newest first.
  [[nodiscard]] virtual std::vector<const AclLogEntry*> Log() const = 0;
  virtual void ResetLog() = 0;
  // Random bytes, as hexadecimal digits.
  [[nodiscard]] virtual std::string RandomDigits(size_t digits) = 0;
};

// What the server counts, and INFO's text.
class Statistics {
 public:
  virtual ~Statistics() = default;
  // "# Server\r\nredis_version:7.2.4\r\n ..." of the sections asked for (none: the default ones).
  [[nodiscard]] virtual std::string Info(std::span<const std::string_view> sections) const = 0;
  virtual void Reset() = 0;
};

// Orders to the process.
class Control {
 public:
  virtual ~Control() = default;
  // The turn ends, everything is checkpointed, the process exits with 0; the asking client gets no reply.
  virtual void Shutdown() = 0;
  virtual absl::Status Save() = 0;
  virtual void SaveInBackground() = 0;
  [[nodiscard]] virtual absl::Time last_save() const = 0;
  // When the server started.
  [[nodiscard]] virtual absl::Time started() const = 0;
  // DEBUG SLEEP: the engine stands still.
  virtual void Sleep(absl::Duration duration) = 0;
  virtual void SetActiveExpiry(bool on) = 0;
  // DEBUG SET-SKIP-CHECKSUM-VALIDATION: whether RESTORE looks at the checksum of a payload.
  virtual void CheckPayloads(bool on) = 0;
  [[nodiscard]] virtual bool checks_payloads() const = 0;
  // A new master_replid, as after a failover.
  virtual void ChangeReplicationId() = 0;
};

// The doors behind Context::services.
class Services {
 public:
  virtual ~Services() = default;
  virtual PubSub& pubsub() = 0;
  virtual Clients& clients() = 0;
  virtual Transactions& transactions() = 0;
  virtual Scripts& scripts() = 0;
  virtual Functions& functions() = 0;
  virtual Settings& settings() = 0;
  virtual Acl& acl() = 0;
  virtual Statistics& statistics() = 0;
  virtual Control& control() = 0;
  virtual SlowLog& slow_log() = 0;
  virtual Latency& latency() = 0;
  [[nodiscard]] virtual const Table& table() const = 0;
};

}  // namespace holdfast::server::command
