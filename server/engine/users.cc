#include "server/engine/users.h"

#include <utility>

namespace holdfast::server::engine {

using command::AclUser;

Users::Users(const command::Table& table) {
  auto user = std::make_unique<AclUser>(AclUser::Default(table));
  default_ = user.get();
  users_.emplace(user->name(), std::move(user));
}

AclUser* Users::Find(std::string_view name) const {
  const auto found = users_.find(name);
  return found == users_.end() ? nullptr : found->second.get();
}

std::vector<const AclUser*> Users::All() const {
  std::vector<const AclUser*> all;
  all.reserve(users_.size());
  for (const auto& [name, user] : users_) all.push_back(user.get());
  return all;
}

void Users::Put(AclUser user) {
  std::unique_ptr<AclUser>& place = users_[user.name()];
  if (place == nullptr) {
    place = std::make_unique<AclUser>(std::move(user));
  } else {
    *place = std::move(user);
  }
  needs_login_ = default_->needs_password() || !default_->enabled();
}

void Users::Erase(std::string_view name) {
  const auto found = users_.find(name);
  if (found != users_.end() && found->second.get() != default_) users_.erase(found);
}

void Users::SetDefaultPassword(std::string_view password) {
  AclUser changed = *default_;
  (void)changed.Apply("resetpass");
  (void)changed.Apply(password.empty() ? "nopass" : std::string(">").append(password));
  Put(std::move(changed));
}

void Users::BeDefault(Session& session) const {
  Be(session, *default_);
  session.authenticated = !needs_login_;
}

void Users::Be(Session& session, const AclUser& user) {
  session.permissions = &user;
  session.user = user.name();
}

}  // namespace holdfast::server::engine
