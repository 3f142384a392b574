#include "server/command/acl_user.h"

#include <algorithm>
#include <cctype>

#include "resp/inline_words.h"
#include "server/command/secret.h"
#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

constexpr size_t kHashDigits = 64;

bool IsHash(std::string_view text) {
  return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

AclUser::AclUser(const Table& table, std::string_view name, bool all_channels)
    : table_(&table), name_(name), selectors_{AclSelector(table, all_channels)} {}

AclUser AclUser::Default(const Table& table) {
  AclUser user(table, "default", true);
  for (const std::string_view rule : {"on", "nopass", "~*", "&*", "+@all"}) (void)user.Apply(rule);
  return user;
}

std::optional<AclRuleError> AclUser::Apply(std::string_view rule, bool all_channels) {
  const std::optional<AclRuleError> error = ApplyOne(rule, all_channels);
  unrestricted_ = std::any_of(selectors_.begin(), selectors_.end(),
                              [](const AclSelector& selector) { return selector.unrestricted(); });
  return error;
}

std::optional<AclRuleError> AclUser::ApplyOne(std::string_view rule, bool all_channels) {
  if (rule.empty() || ApplyFlag(rule)) return std::nullopt;
  if (std::string_view(">#<!").find(rule.front()) != std::string_view::npos) return ApplyPassword(rule);
  if (rule.starts_with('(') && rule.ends_with(')')) return AddSelector(rule, all_channels);
  if (EqualsIgnoreCase(rule, "clearselectors")) {
    selectors_.resize(1, selectors_.front());
  } else if (EqualsIgnoreCase(rule, "reset")) {
    Reset(all_channels);
  } else {
    return selectors_.front().Apply(rule);
  }
  return std::nullopt;
}

bool AclUser::ApplyFlag(std::string_view rule) {
  const auto is = [rule](std::string_view word) { return EqualsIgnoreCase(rule, word); };
  if (is("on") || is("off")) {
    enabled_ = is("on");
  } else if (is("nopass") || is("resetpass")) {
    no_password_ = is("nopass");
    passwords_.clear();
  } else if (is("sanitize-payload") || is("skip-sanitize-payload")) {
    sanitize_payload_ = is("sanitize-payload");
  } else {
    return false;
  }
  return true;
}

std::optional<AclRuleError> AclUser::ApplyPassword(std::string_view rule) {
  const char kind = rule.front();
  const std::string_view text = rule.substr(1);
  const bool hashed = kind == '#' || kind == '!';
  if (hashed && !IsHash(text)) return AclRuleError::kNotAHash;
  const std::string hash = hashed ? std::string(text) : Sha256Hex(text);
  const auto known = std::find(passwords_.begin(), passwords_.end(), hash);
  if (kind == '>' || kind == '#') {
    if (known == passwords_.end()) passwords_.push_back(hash);
    no_password_ = false;
    return std::nullopt;
  }
  if (known == passwords_.end()) return AclRuleError::kNoSuchPassword;
  passwords_.erase(known);
  return std::nullopt;
}

std::optional<AclRuleError> AclUser::AddSelector(std::string_view rule, bool all_channels) {
  AclSelector selector(*table_, all_channels);
  resp::Words words;
  std::string unescaped;
  if (resp::SplitInlineWords(rule.substr(1, rule.size() - 2), words, unescaped)) {
    for (const std::string_view word : words) {
      if (const auto error = selector.Apply(word)) return error;
    }
  }
  selectors_.push_back(std::move(selector));
  return std::nullopt;
}

void AclUser::Reset(bool all_channels) { *this = AclUser(*table_, std::string(name_), all_channels); }

bool AclUser::Accepts(std::string_view password) const {
  if (!enabled_) return false;
  if (no_password_) return true;
  const std::string hash = Sha256Hex(password);
  return std::any_of(passwords_.begin(), passwords_.end(),
                     [&](const std::string& known) { return SameSecret(hash, known); });
}

AclVerdict AclUser::Check(const Table::Entry& entry, std::span<const std::string_view> words) const {
  AclVerdict worst{AclDenial::kCommand, 0};
  for (const AclSelector& selector : selectors_) {
    const AclVerdict verdict = selector.Check(entry, words);
    if (verdict.allowed()) return verdict;
    if (verdict.denial > worst.denial || (verdict.denial == worst.denial && verdict.word > worst.word)) {
      worst = verdict;
    }
  }
  return worst;
}

bool AclUser::ReadsAllKeys(const Table::Entry& entry, std::span<const std::string_view> words) const {
  return unrestricted_ || std::any_of(selectors_.begin(), selectors_.end(), [&](const AclSelector& selector) {
           return selector.ReadsAllKeys() && selector.Check(entry, words).allowed();
         });
}

std::vector<std::string_view> AclUser::Flags() const {
  std::vector<std::string_view> flags = {enabled_ ? "on" : "off"};
  if (no_password_) flags.push_back("nopass");
  flags.push_back(sanitize_payload_ ? "sanitize-payload" : "skip-sanitize-payload");
  return flags;
}

std::string AclUser::Describe() const {
  std::string text = Concat({"user ", name_});
  for (const std::string_view flag : Flags()) text += Concat({" ", flag});
  for (const std::string& password : passwords_) text += Concat({" #", password});
  text += Concat({" ", selectors_.front().Describe()});
  for (size_t i = 1; i < selectors_.size(); ++i) text += Concat({" (", selectors_[i].Describe(), ")"});
  return text;
}

std::vector<std::string> JoinSelectors(std::span<const std::string_view> words,
                                       std::optional<size_t>& unmatched) {
  std::vector<std::string> rules;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool closes = words[i].ends_with(')');
    if (words[i].starts_with('(') && !closes) {
      // One that was open is forgotten, as in Redis.
      if (unmatched) rules.pop_back();
      rules.emplace_back(words[i]);
      unmatched = i;
    } else if (unmatched) {
      rules.back() += Concat({" ", words[i]});
      if (closes) unmatched.reset();
    } else {
      rules.emplace_back(words[i]);
    }
  }
  return rules;
}

bool IsUserName(std::string_view name) {
  return std::none_of(name.begin(), name.end(),
                      [](char c) { return c == '\0' || std::isspace(static_cast<unsigned char>(c)) != 0; });
}

}  // namespace holdfast::server::command
