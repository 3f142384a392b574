#include "server/engine/acl_door.h"

#include <algorithm>
#include <utility>

#include "server/command/words.h"
#include "server/engine/access.h"
#include "server/engine/acl_file.h"
#include "storage/whole_file.h"

namespace holdfast::server::engine {
namespace {

using command::AclRuleError;
using command::AclSelector;
using command::AclUser;
using command::CommandError;
using command::Concat;

const CommandError kBadUserName("ERR Usernames can't contain spaces or null characters");
const CommandError kNoFile(
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL "
    "SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in "
    "order to store users in the Redis configuration.");
const CommandError kNotSaved(
    "ERR There was an error trying to save the ACLs. Please check the server logs for more information");

// Of all selectors together; nullopt: all channels.
std::optional<std::vector<std::string>> ChannelsOf(const AclUser& user) {
  std::vector<std::string> channels;
  for (const AclSelector& selector : user.selectors()) {
    if (selector.all_channels()) return std::nullopt;
    channels.insert(channels.end(), selector.channels().begin(), selector.channels().end());
  }
  return channels;
}

bool MayListen(const Session& session, std::span<const std::string> channels) {
  const auto all = [&](const command::StringSet& names, bool are_patterns) {
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      return command::AllowsChannel(channels, name, are_patterns);
    });
  };
  return all(session.channel_names, false) && all(session.shard_names, false) &&
         all(session.pattern_names, true);
}

// Without the call and the path that stand before it.
std::string ReasonOf(const absl::Status& failure) {
  const std::string message(failure.message());
  const size_t colon = message.rfind(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

}  // namespace

AclDoor::AclDoor(State& state, ClientDoor& clients)
    : state_(state), clients_(clients), password_(state.settings.Text("requirepass")) {
  state_.users.SetDefaultPassword(password_);
  state_.settings.OnChange(this, [this] {
    const std::string& password = state_.settings.Text("requirepass");
    if (password == password_) return;
    password_ = password;
    state_.users.SetDefaultPassword(password_);
  });
  state_.settings.ListUsersBy(this, [this] {
    std::vector<std::string> lines;
    // Else they stand in that file.
    if (state_.settings.Text("aclfile").empty()) {
      for (const AclUser* user : All()) lines.push_back(user->Describe());
    }
    return lines;
  });
}

bool AclDoor::AllChannels() const { return state_.settings.Text("acl-pubsub-default") == "allchannels"; }

bool AclDoor::LogIn(command::Client& client, std::string_view name, std::string_view password,
                    std::string_view object) {
  Session& session = SessionOf(client);
  const AclUser* user = state_.users.Find(name);
  if (user == nullptr || !user->Accepts(password)) {
    LogDenial(state_, session, command::AclDenial::kLogin, ContextOf(session), object, name);
    return false;
  }
  Users::Be(session, *user);
  session.authenticated = true;
  return true;
}

std::optional<CommandError> AclDoor::Set(std::string_view name, std::span<const std::string_view> words) {
  if (!command::IsUserName(name)) return kBadUserName;
  std::optional<size_t> unmatched;
  const std::vector<std::string> rules = command::JoinSelectors(words, unmatched);
  if (unmatched) {
    return CommandError(
        Concat({"ERR Unmatched parenthesis in acl selector starting at '", words[*unmatched], "'."}));
  }
  const AclUser* known = state_.users.Find(name);
  AclUser changed = known != nullptr ? *known : AclUser(state_.table, name, AllChannels());
  for (const std::string& rule : rules) {
    if (const auto error = changed.Apply(rule, AllChannels())) {
      return CommandError(Concat(
          {"ERR Error in ACL SETUSER modifier '", command::UpToZero(rule), "': ", command::TextOf(*error)}));
    }
  }
  if (known != nullptr) CloseListeners(*known, changed);
  state_.users.Put(std::move(changed));
  return std::nullopt;
}

bool AclDoor::Delete(std::string_view name) {
  const AclUser* user = state_.users.Find(name);
  if (user == nullptr) return false;
  CloseAll(*user);
  state_.users.Erase(name);
  return true;
}

void AclDoor::CloseListeners(const AclUser& user, const AclUser& now) {
  const auto channels = ChannelsOf(now);
  if (!channels) return;
  for (Session* session : state_.InOrder()) {
    if (session->permissions == &user && !MayListen(*session, *channels)) clients_.Kill(session->id);
  }
}

void AclDoor::CloseAll(const AclUser& user) {
  for (Session* session : state_.InOrder()) {
    if (session->permissions != &user) continue;
    clients_.Kill(session->id);
    state_.users.BeDefault(*session);
    session->authenticated = false;
  }
}

std::string AclDoor::FilePath() const {
  const std::string& file = state_.settings.Text("aclfile");
  return file.starts_with('/') ? file : Concat({state_.settings.Text("dir"), "/", file});
}

absl::Status AclDoor::LoadAtStart() {
  const bool has_file = !state_.settings.Text("aclfile").empty();
  if (!has_file) return LoadLines();
  if (state_.settings.user_lines().empty()) return LoadFile();
  return absl::InvalidArgumentError(
      "users are declared both in the configuration and by an ACL file ('aclfile'): choose one of them");
}

absl::Status AclDoor::LoadLines() {
  std::vector<std::string> seen;
  for (const std::vector<std::string>& line : state_.settings.user_lines()) {
    const std::string& name = line.front();
    const auto invalid = [&](std::string_view why) {
      return absl::InvalidArgumentError(Concat({"Error in user declaration '", name, "': ", why}));
    };
    if (!command::IsUserName(name)) return invalid("Usernames can't contain spaces or null characters");
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return invalid(command::TextOf(AclRuleError::kDuplicateUser));
    }
    seen.push_back(name);
    const std::vector<std::string_view> words(line.begin() + 1, line.end());
    std::optional<size_t> unmatched;
    const std::vector<std::string> rules = command::JoinSelectors(words, unmatched);
    if (unmatched) return invalid(Concat({"Unmatched parenthesis at '", words[*unmatched], "'"}));
    AclUser user(state_.table, name, AllChannels());
    for (const std::string& rule : rules) {
      if (const auto error = user.Apply(rule, AllChannels())) return invalid(command::TextOf(*error));
    }
    state_.users.Put(std::move(user));
  }
  return absl::OkStatus();
}

absl::Status AclDoor::LoadFile() {
  const std::string& shown = state_.settings.Text("aclfile");
  const absl::StatusOr<std::string> text = storage::ReadWholeFile(state_.env, FilePath());
  if (!text.ok()) {
    return absl::NotFoundError(
        Concat({"Error loading ACLs, opening file '", shown, "': ", ReasonOf(text.status())}));
  }
  absl::StatusOr<std::vector<AclUser>> users = ParseAclFile(shown, *text, state_.table, AllChannels());
  if (!users.ok()) return users.status();
  TakeUsers(*std::move(users));
  return absl::OkStatus();
}

void AclDoor::TakeUsers(std::vector<AclUser> users) {
  const auto named = [&](const std::string& name) {
    return std::find_if(users.begin(), users.end(), [&](const AclUser& user) { return user.name() == name; });
  };
  if (named(state_.users.default_user().name()) == users.end()) {
    users.push_back(AclUser::Default(state_.table));
  }
  for (const AclUser* old : state_.users.All()) {
    const auto now = named(old->name());
    if (now == users.end()) {
      Delete(std::string(old->name()));
    } else {
      CloseListeners(*old, *now);
    }
  }
  for (AclUser& user : users) state_.users.Put(std::move(user));
}

std::optional<CommandError> AclDoor::Load() {
  if (state_.settings.Text("aclfile").empty()) return kNoFile;
  if (const absl::Status loaded = LoadFile(); !loaded.ok()) {
    return CommandError(Concat({"ERR ", std::string(loaded.message())}));
  }
  return std::nullopt;
}

std::optional<CommandError> AclDoor::Save() {
  if (state_.settings.Text("aclfile").empty()) return kNoFile;
  std::string text;
  for (const AclUser* user : state_.users.All()) text += user->Describe() + "\n";
  const absl::Status saved = storage::ReplaceWholeFile(state_.env, FilePath(), text);
  if (saved.ok()) return std::nullopt;
  state_.process.Log(Process::Severity::kWarning,
                     Concat({"the ACL file was not saved: ", std::string(saved.message())}));
  return kNotSaved;
}

std::string AclDoor::RandomDigits(size_t digits) {
  std::string bytes((digits + 1) / 2, '\0');
  state_.env.RandomBytes(absl::MakeSpan(bytes));
  std::string text = command::Hex(bytes);
  text.resize(digits);
  return text;
}

}  // namespace holdfast::server::engine
