#include "server/command/errors.h"

#include "server/command/words.h"

namespace holdfast::server::command {

CommandError WrongArity(std::string_view command) {
  return CommandError(Concat({"ERR wrong number of arguments for '", command, "' command"}));
}

CommandError WrongSubcommandArity(std::span<const std::string_view> words) {
  return CommandError(Concat({"ERR unknown subcommand or wrong number of arguments for '", words[1],
                              "'. Try ", Upper(words[0]), " HELP."}));
}

}  // namespace holdfast::server::command
