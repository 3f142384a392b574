#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/command/acl_user.h"
#include "server/engine/session.h"

namespace holdfast::server::engine {

// The ACL users by name. "default" is always there: what connections are before they log in. Sessions point
// to their users, so a user's place never moves while it exists; the engine's thread.
class Users {
 public:
  // The table must outlive it.
  explicit Users(const command::Table& table);

  [[nodiscard]] const command::AclUser& default_user() const { return *default_; }
  // Whether new connections have to log in.
  [[nodiscard]] bool needs_login() const { return needs_login_; }
  [[nodiscard]] command::AclUser* Find(std::string_view name) const;
  // In byte order of their names.
  [[nodiscard]] std::vector<const command::AclUser*> All() const;

  // Puts a user under its name, in the place of the one that is there.
  void Put(command::AclUser user);
  // The caller sees to it that no session points to it.
  void Erase(std::string_view name);

  // requirepass: the default user's only password; empty: it needs none.
  void SetDefaultPassword(std::string_view password);

  // What a new connection is, and one after RESET.
  void BeDefault(Session& session) const;
  static void Be(Session& session, const command::AclUser& user);

 private:
  using ByName = std::map<std::string, std::unique_ptr<command::AclUser>, std::less<>>;

  ByName users_;
  command::AclUser* default_;
  bool needs_login_ = false;
};

}  // namespace holdfast::server::engine
