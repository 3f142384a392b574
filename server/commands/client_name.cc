#include "server/commands/client_name.h"

#include <algorithm>

namespace holdfast::server::commands {
namespace {

const command::CommandError kBadName(
    "ERR Client names cannot contain spaces, newlines or special characters.");

}  // namespace

bool IsOneWord(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

std::optional<command::CommandError> CheckClientName(std::string_view name) {
  if (!IsOneWord(name)) return kBadName;
  return std::nullopt;
}

}  // namespace holdfast::server::commands
