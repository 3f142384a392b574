#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/services.h"

namespace holdfast::server::engine {

// All parameters by name, as the configuration file, the command line and CONFIG know them. Whoever needs one
// defines it, with its default and what a change does:
//
//   settings.DefineInteger("busy-reply-threshold", 5000, 0, INT64_MAX, Change::kAnyTime,
//                          [&](int64_t value) { threshold = absl::Milliseconds(value); });
//
// The engine defines its own when it is constructed; the wiring defines those of sockets and folders. `apply`
// is called with the default at once, and again for every change.
class Settings final : public command::Settings {
 public:
  // Whether CONFIG SET may change it, or only the start.
  enum class Change : uint8_t { kAnyTime, kAtStart };

  void DefineInteger(std::string_view name, int64_t value, int64_t min, int64_t max, Change change,
                     std::function<void(int64_t)> apply = nullptr);
  // Bytes: "512", "64mb", "1gb" (1024-based; "1k" is 1000), shown as a number.
  void DefineMemory(std::string_view name, uint64_t value, Change change,
                    std::function<void(uint64_t)> apply = nullptr);
  // yes or no.
  void DefineFlag(std::string_view name, bool value, Change change,
                  std::function<void(bool)> apply = nullptr);
  // One of `choices`, in any case.
  void DefineChoice(std::string_view name, std::string_view value, std::vector<std::string> choices,
                    Change change, std::function<void(const std::string&)> apply = nullptr);
  // Any text; `check` says what is wrong with it, if anything is.
  using Check = std::function<std::optional<std::string>(const std::string&)>;
  void DefineText(std::string_view name, std::string_view value, Change change,
                  std::function<void(const std::string&)> apply = nullptr, Check check = nullptr);
  // A second name for an existing one (list-max-ziplist-size for list-max-listpack-size).
  void DefineAlias(std::string_view alias, std::string_view name);

  // From the configuration file or the command line, before the start: also what CONFIG SET may not change.
  // What is wrong with it ("argument must be 'yes' or 'no'"), or nullopt.
  [[nodiscard]] std::optional<std::string> Load(std::string_view name, std::string_view value);
  [[nodiscard]] bool Has(std::string_view name) const;
  // All names, sorted: for hints at misspelt directives.
  [[nodiscard]] std::vector<std::string> Names() const;
  // The value as CONFIG GET shows it; empty if there is no such name.
  [[nodiscard]] std::string Value(std::string_view name) const;
  [[nodiscard]] int64_t Integer(std::string_view name) const;

  // command::Settings.
  [[nodiscard]] std::vector<Pair> Get(std::span<const std::string_view> patterns) const override;
  std::optional<command::CommandError> Set(std::span<const std::string_view> names_and_values) override;
  [[nodiscard]] std::string_view password() const override;

 private:
  struct Setting {
    std::string value;
    Change change = Change::kAnyTime;
    // Turns what was given into what is shown, or says what is wrong.
    std::function<std::optional<std::string>(std::string& value)> normalize;
    std::function<void(const std::string& value)> apply;
  };

  void Define(std::string_view name, std::string value, Setting setting);
  [[nodiscard]] const Setting* Find(std::string_view name) const;
  [[nodiscard]] Setting* Find(std::string_view name);

  std::map<std::string, Setting, std::less<>> settings_;
  std::map<std::string, std::string, std::less<>> aliases_;
};

}  // namespace holdfast::server::engine
