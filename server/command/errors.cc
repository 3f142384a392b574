#include "server/command/errors.h"

#include "server/command/words.h"

namespace holdfast::server::command {

CommandError WrongArity(std::string_view command) {
  return CommandError(Concat({"ERR wrong number of arguments for '", command, "' command"}));
}

}  // namespace holdfast::server::command
