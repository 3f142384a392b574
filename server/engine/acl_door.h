#pragma once

#include "absl/status/status.h"
#include "server/engine/client_door.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

// Users and logins as commands see them: State::users and State::acl_log, the ACL file, and what a changed
// user means to its connections.
class AclDoor final : public command::Acl {
 public:
  AclDoor(State& state, ClientDoor& clients);
  ~AclDoor() override { state_.settings.Forget(this); }
  AclDoor(const AclDoor&) = delete;
  AclDoor& operator=(const AclDoor&) = delete;

  // The users of the configuration: its `user` lines or its ACL file. kInvalidArgument says what is wrong.
  [[nodiscard]] absl::Status LoadAtStart();

  // command::Acl.
  bool LogIn(command::Client& client, std::string_view user, std::string_view password,
             std::string_view object) override;
  [[nodiscard]] bool needs_login() const override { return state_.users.needs_login(); }
  [[nodiscard]] const command::AclUser* Find(std::string_view name) const override {
    return state_.users.Find(name);
  }
  [[nodiscard]] std::vector<const command::AclUser*> All() const override { return state_.users.All(); }
  [[nodiscard]] const command::AclUser& UserOf(const command::Client& client) const override {
    return *SessionOf(client).permissions;
  }
  std::optional<command::CommandError> Set(std::string_view name,
                                           std::span<const std::string_view> rules) override;
  bool Delete(std::string_view name) override;
  std::optional<command::CommandError> Load() override;
  std::optional<command::CommandError> Save() override;
  [[nodiscard]] std::vector<const command::AclLogEntry*> Log() const override {
    return state_.acl_log.entries();
  }
  void ResetLog() override { state_.acl_log.Clear(); }
  [[nodiscard]] std::string RandomDigits(size_t digits) override;

 private:
  // acl-pubsub-default: whether new users hear all channels.
  [[nodiscard]] bool AllChannels() const;
  [[nodiscard]] std::string FilePath() const;
  absl::Status LoadLines();
  absl::Status LoadFile();
  void TakeUsers(std::vector<command::AclUser> users);
  // Closes the connections of `user` that listen to what `now` does not allow.
  void CloseListeners(const command::AclUser& user, const command::AclUser& now);
  // Closes all its connections, which are nobody's from now on.
  void CloseAll(const command::AclUser& user);

  State& state_;
  ClientDoor& clients_;
  std::string password_;  // requirepass as it was last applied
};

}  // namespace holdfast::server::engine
