#include "server/command/errors.h"

#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

constexpr size_t kShownBytes = 128;  // of a word

}  // namespace

CommandError WrongArity(std::string_view command) {
  return CommandError(Concat({"ERR wrong number of arguments for '", command, "' command"}));
}

CommandError WrongSubcommandArity(std::span<const std::string_view> words) {
  return CommandError(
      Concat({"ERR unknown subcommand or wrong number of arguments for '",
              UpToZero(words[1].substr(0, kShownBytes)), "'. Try ", Upper(words[0]), " HELP."}));
}

}  // namespace holdfast::server::command
