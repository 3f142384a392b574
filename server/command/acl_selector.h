#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/acl_commands.h"

namespace holdfast::server::command {

// What an ACL check says; the later ones tell more than the earlier.
enum class AclDenial : uint8_t { kNone, kCommand, kKey, kLogin, kChannel };

struct AclVerdict {
  AclDenial denial = AclDenial::kNone;
  size_t word = 0;  // the key or channel that is denied, as an index into the request

  [[nodiscard]] bool allowed() const { return denial == AclDenial::kNone; }
};

// A set of permissions of an ACL user: commands, keys they may be used with, and channels. All three must
// allow a request. A user has a root selector and perhaps more, "(+get ~a)".
class AclSelector {
 public:
  // Allows nothing, but all channels if `all_channels` (acl-pubsub-default). The table must outlive it.
  AclSelector(const Table& table, bool all_channels) : commands_(table), all_channels_(all_channels) {}

  // One rule: +get, ~key*, %R~key*, &channel, allkeys, resetchannels ...
  std::optional<AclRuleError> Apply(std::string_view rule);

  // `entry` was found for `words`, whose number need not be right.
  [[nodiscard]] AclVerdict Check(const Table::Entry& entry, std::span<const std::string_view> words) const;
  // Everything is allowed.
  [[nodiscard]] bool unrestricted() const { return commands_.allows_all() && all_keys_ && all_channels_; }
  // Whether keys of any name may be read.
  [[nodiscard]] bool ReadsAllKeys() const;
  [[nodiscard]] bool all_channels() const { return all_channels_; }
  [[nodiscard]] const std::vector<std::string>& channels() const { return channels_; }

  // As ACL GETUSER shows the parts: "~a %R~b" and "&a &b".
  [[nodiscard]] std::string Commands() const { return commands_.Describe(); }
  [[nodiscard]] std::string Keys() const;
  [[nodiscard]] std::string Channels() const;
  // The rules that make it, as in ACL LIST.
  [[nodiscard]] std::string Describe() const;

 private:
  struct KeyPattern {
    uint8_t permissions;  // KeyPermissions
    std::string pattern;
  };

  bool ApplyWord(std::string_view rule);
  std::optional<AclRuleError> AddKeys(std::string_view rule);
  std::optional<AclRuleError> AddChannel(std::string_view pattern);
  void SetAllKeys(bool all);
  void SetAllChannels(bool all);
  [[nodiscard]] bool AllowsKey(std::string_view key, uint8_t permissions) const;

  AclCommands commands_;
  bool all_keys_ = false;
  bool all_channels_;
  std::vector<KeyPattern> keys_;
  std::vector<std::string> channels_;
};

// Whether one of `patterns` allows a channel; a pattern to subscribe to must be one of them, letter by
// letter.
[[nodiscard]] bool AllowsChannel(std::span<const std::string> patterns, std::string_view channel,
                                 bool is_pattern);

}  // namespace holdfast::server::command
