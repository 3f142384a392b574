#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/acl_selector.h"

namespace holdfast::server::command {

// A user: who may log in as it, and what it may do. A value: copy it, apply rules to the copy, and put it in
// the place of the old one if all were accepted.
//
//   AclUser user(table, "worker", false);
//   if (auto error = user.Apply("on")) ...
//   user.Apply(">secret"); user.Apply("+@all"); user.Apply("(~cache:* +get)");
class AclUser {
 public:
  // As ACL SETUSER makes it without rules: off, without passwords and permissions, all channels if
  // `all_channels` (acl-pubsub-default). The table must outlive it.
  AclUser(const Table& table, std::string_view name, bool all_channels);
  // The user that connections are before they log in: on, nopass, and it may do everything.
  [[nodiscard]] static AclUser Default(const Table& table);

  // One rule, the parentheses of a selector included. "reset" asks acl-pubsub-default again: `all_channels`.
  std::optional<AclRuleError> Apply(std::string_view rule, bool all_channels = false);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool enabled() const { return enabled_; }
  [[nodiscard]] bool needs_password() const { return !no_password_; }
  // Whether it is on and this is one of its passwords.
  [[nodiscard]] bool Accepts(std::string_view password) const;

  // Everything is allowed: checks may be left out.
  [[nodiscard]] bool unrestricted() const { return unrestricted_; }
  // Of the selectors' verdicts the most telling one; allowed if one of them allows.
  [[nodiscard]] AclVerdict Check(const Table::Entry& entry, std::span<const std::string_view> words) const;
  // Whether one that allows the request lets it read keys of any name, too: SORT's BY and GET read keys that
  // no word names.
  [[nodiscard]] bool ReadsAllKeys(const Table::Entry& entry, std::span<const std::string_view> words) const;

  // "on", "nopass", "sanitize-payload" ...
  [[nodiscard]] std::vector<std::string_view> Flags() const;
  // SHA-256 in hexadecimal digits.
  [[nodiscard]] const std::vector<std::string>& passwords() const { return passwords_; }
  // The first is the root selector.
  [[nodiscard]] const std::vector<AclSelector>& selectors() const { return selectors_; }
  // A line of ACL LIST and of the ACL file: "user worker on #... ~* &* +@all".
  [[nodiscard]] std::string Describe() const;

 private:
  std::optional<AclRuleError> ApplyOne(std::string_view rule, bool all_channels);
  bool ApplyFlag(std::string_view rule);
  std::optional<AclRuleError> ApplyPassword(std::string_view rule);
  std::optional<AclRuleError> AddSelector(std::string_view rule, bool all_channels);
  void Reset(bool all_channels);

  const Table* table_;
  std::string name_;
  bool enabled_ = false;
  bool no_password_ = false;
  bool sanitize_payload_ = true;
  bool unrestricted_ = false;
  std::vector<std::string> passwords_;
  std::vector<AclSelector> selectors_;
};

// Joins the words of a rule whose selector stands in several: "(+get", "~a)" become "(+get ~a)". If a
// parenthesis stays open, `unmatched` is the index of the word that opens it.
[[nodiscard]] std::vector<std::string> JoinSelectors(std::span<const std::string_view> words,
                                                     std::optional<size_t>& unmatched);

// Usernames are words: no spaces, no NUL.
[[nodiscard]] bool IsUserName(std::string_view name);

}  // namespace holdfast::server::command
