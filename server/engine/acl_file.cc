#include "server/engine/acl_file.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

using command::AclRuleError;
using command::AclUser;
using command::Concat;

std::string_view Trimmed(std::string_view line) {
  const size_t begin = std::min(line.find_first_not_of(" \t\r"), line.size());
  line.remove_prefix(begin);
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

// Collects what is wrong.
class Reader {
 public:
  Reader(std::string_view file, const command::Table& table, bool all_channels)
      : file_(file), table_(table), all_channels_(all_channels) {}

  void Read(size_t number, std::string_view line) {
    where_ = Concat({file_, ":", std::to_string(number)});
    const std::vector<std::string_view> words = command::SplitWords(line);
    if (words[0] != "user" || words.size() < 2) {
      errors_ += Concat({where_, " should start with user keyword followed by the username. "});
    } else if (!command::IsUserName(words[1])) {
      errors_ += Concat({"'", where_, ": username '", words[1], "' contains invalid characters. "});
    } else if (!names_.insert(std::string(words[1])).second) {
      errors_ +=
          Concat({"WARNING: Duplicate user '", words[1], "' found on line ", std::to_string(number), ". "});
    } else {
      ReadUser(words);
    }
  }

  [[nodiscard]] const std::string& errors() const { return errors_; }
  std::vector<AclUser> users;

 private:
  void ReadUser(const std::vector<std::string_view>& words) {
    std::optional<size_t> unmatched;
    const auto rules = command::JoinSelectors(std::span(words).subspan(2), unmatched);
    if (unmatched) {
      errors_ += Concat({where_, ": Unmatched parenthesis in selector definition."});
      return;
    }
    AclUser user(table_, words[1], all_channels_);
    bool said = false;
    for (const std::string& rule : rules) {
      const std::optional<AclRuleError> error = user.Apply(Trimmed(rule), all_channels_);
      if (error == AclRuleError::kUnknownName) {
        errors_ +=
            Concat({where_, ": Error in applying operation '", rule, "': ", command::TextOf(*error), ". "});
      } else if (error && !std::exchange(said, true)) {
        // The others may follow from the first; the rule may hold a secret.
        errors_ += Concat({where_, ": ", command::TextOf(*error), ". "});
      }
    }
    users.push_back(std::move(user));
  }

  const std::string_view file_;
  const command::Table& table_;
  const bool all_channels_;
  std::string where_;
  std::set<std::string> names_;
  std::string errors_;
};

}  // namespace

absl::StatusOr<std::vector<AclUser>> ParseAclFile(std::string_view file, std::string_view text,
                                                  const command::Table& table, bool all_channels) {
  Reader reader(file, table, all_channels);
  size_t number = 0;
  for (const std::string_view line : command::SplitWords(text, '\n')) {
    ++number;
    const std::string_view trimmed = Trimmed(line);
    if (!trimmed.empty()) reader.Read(number, trimmed);
  }
  if (reader.errors().empty()) return std::move(reader.users);
  return absl::InvalidArgumentError(
      Concat({reader.errors(),
              "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"}));
}

}  // namespace holdfast::server::engine
