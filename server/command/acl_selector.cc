#include "server/command/acl_selector.h"

#include <algorithm>
#include <cctype>

#include "server/command/channel_places.h"
#include "server/command/glob.h"
#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

bool HasSpaces(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == '\0' || std::isspace(static_cast<unsigned char>(c)) != 0; });
}

// Takes "~", "%R~", "%W~" or "%RW~" from the front of a rule; 0 if it is none of them. The '~' may be missing
// where nothing follows.
uint8_t TakePermissions(std::string_view& rule) {
  const bool all = rule.starts_with('~');
  rule.remove_prefix(1);
  if (all) return kReadAndWriteKey;
  uint8_t permissions = 0;
  while (!rule.empty()) {
    const char c = rule.front();
    rule.remove_prefix(1);
    if (c == '~') return permissions;
    const uint8_t one = c == 'R' || c == 'r' ? kReadKey : c == 'W' || c == 'w' ? kWriteKey : 0;
    if (one == 0 || (permissions & one) != 0) return 0;
    permissions |= one;
  }
  return permissions;
}

std::string_view PermissionPrefix(uint8_t permissions) {
  if (permissions == kReadAndWriteKey) return "~";
  return permissions == kReadKey ? "%R~" : "%W~";
}

void Append(std::string& text, std::string_view one, std::string_view other = {}) {
  if (!text.empty()) text += ' ';
  text += one;
  text += other;
}

}  // namespace

std::optional<AclRuleError> AclSelector::Apply(std::string_view rule) {
  if (ApplyWord(rule)) return std::nullopt;
  if (rule.starts_with('~') || rule.starts_with('%')) return AddKeys(rule);
  if (rule.starts_with('&')) return AddChannel(rule.substr(1));
  if (rule.starts_with('+') || rule.starts_with('-')) return commands_.Apply(rule);
  return AclRuleError::kSyntax;
}

bool AclSelector::ApplyWord(std::string_view rule) {
  const auto is = [rule](std::string_view word) { return EqualsIgnoreCase(rule, word); };
  if (is("allkeys") || rule == "~*") {
    SetAllKeys(true);
  } else if (is("resetkeys")) {
    SetAllKeys(false);
  } else if (is("allchannels") || rule == "&*") {
    SetAllChannels(true);
  } else if (is("resetchannels")) {
    SetAllChannels(false);
  } else if (is("allcommands")) {
    (void)commands_.Apply("+@all");
  } else if (is("nocommands")) {
    (void)commands_.Apply("-@all");
  } else {
    return false;
  }
  return true;
}

void AclSelector::SetAllKeys(bool all) {
  all_keys_ = all;
  keys_.clear();
}

void AclSelector::SetAllChannels(bool all) {
  all_channels_ = all;
  channels_.clear();
}

std::optional<AclRuleError> AclSelector::AddKeys(std::string_view rule) {
  if (all_keys_) return AclRuleError::kBehindAllKeys;
  const uint8_t permissions = TakePermissions(rule);
  if (permissions == 0 || HasSpaces(rule)) return AclRuleError::kSyntax;
  const auto known = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const KeyPattern& pattern) { return pattern.pattern == rule; });
  if (known != keys_.end()) {
    known->permissions |= permissions;
  } else {
    keys_.push_back({permissions, std::string(rule)});
  }
  return std::nullopt;
}

std::optional<AclRuleError> AclSelector::AddChannel(std::string_view pattern) {
  if (all_channels_) return AclRuleError::kBehindAllChannels;
  if (HasSpaces(pattern)) return AclRuleError::kSyntax;
  if (std::find(channels_.begin(), channels_.end(), pattern) == channels_.end()) {
    channels_.emplace_back(pattern);
  }
  return std::nullopt;
}

bool AclSelector::AllowsKey(std::string_view key, uint8_t permissions) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const KeyPattern& pattern) {
    return (pattern.permissions & permissions) == permissions && GlobMatches(pattern.pattern, key);
  });
}

bool AclSelector::ReadsAllKeys() const {
  return all_keys_ || std::any_of(keys_.begin(), keys_.end(), [](const KeyPattern& pattern) {
           return pattern.pattern == "*" && (pattern.permissions & kReadKey) != 0;
         });
}

AclVerdict AclSelector::Check(const Table::Entry& entry, std::span<const std::string_view> words) const {
  if (!commands_.Allows(entry, words)) return {AclDenial::kCommand, 0};
  if (!all_keys_ && !entry.syntax.keys().empty()) {
    for (const KeyPlace& key : entry.syntax.KeysIn(words)) {
      if (!AllowsKey(words[key.word], key.permissions)) return {AclDenial::kKey, key.word};
    }
  }
  if (!all_channels_ && entry.has(kPubSub)) {
    const ChannelPlaces places = ChannelsIn(entry, words.size());
    for (size_t i = places.first; i < places.end; ++i) {
      if (!AllowsChannel(channels_, words[i], places.are_patterns)) return {AclDenial::kChannel, i};
    }
  }
  return {};
}

std::string AclSelector::Keys() const {
  if (all_keys_) return "~*";
  std::string text;
  for (const KeyPattern& key : keys_) Append(text, PermissionPrefix(key.permissions), key.pattern);
  return text;
}

std::string AclSelector::Channels() const {
  if (all_channels_) return "&*";
  std::string text;
  for (const std::string& channel : channels_) Append(text, "&", channel);
  return text;
}

std::string AclSelector::Describe() const {
  std::string text = Keys();
  if (!all_channels_) Append(text, "resetchannels");
  if (const std::string channels = Channels(); !channels.empty()) Append(text, channels);
  Append(text, Commands());
  return text;
}

bool AllowsChannel(std::span<const std::string> patterns, std::string_view channel, bool is_pattern) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return is_pattern ? pattern == channel : GlobMatches(pattern, channel);
  });
}

}  // namespace holdfast::server::command
