#include "server/commands/families.h"

#include <array>

namespace holdfast::server::commands {

std::span<const Family> AllFamilies() {
  static const std::array families = {
      ListCommands(),       ListMoveCommands(),  HashCommands(),           SetCommands(),
      SetAlgebraCommands(), SortedSetCommands(), SortedSetRangeCommands(), SortedSetPopCommands(),
  };
  return families;
}

}  // namespace holdfast::server::commands
