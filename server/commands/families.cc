#include "server/commands/families.h"

#include <array>

namespace holdfast::server::commands {

std::span<const Family> AllFamilies() {
  // One a line, so that two families added at once do not meet.
  // clang-format off
  static const std::array families = {
      StringCommands(),
      StringRangeCommands(),
      CounterCommands(),
      BitfieldCommands(),
      BitmapCommands(),
      LcsCommands(),
      ListCommands(),
      ListMoveCommands(),
      HashCommands(),
      HashWalkCommands(),
      HashExpiryCommands(),
      SetCommands(),
      SetAlgebraCommands(),
      SortedSetCommands(),
      SortedSetRangeCommands(),
      SortedSetPopCommands(),
      SortedSetAlgebraCommands(),
      StreamCommands(),
      StreamReadCommands(),
      StreamGroupCommands(),
      StreamPendingCommands(),
      StreamInfoCommands(),
      KeyCommands(),
      ObjectCommands(),
      DumpCommands(),
      ExpiryCommands(),
      ScanCommands(),
      SortCommands(),
      ConnectionCommands(),
      ClientCommands(),
      AclFamily(),
      ServerCommands(),
      ReplicationCommands(),
      ClusterCommands(),
      ModuleCommands(),
      SlowLogCommands(),
      LatencyCommands(),
      MemoryCommands(),
      DebugCommands(),
      TransactionCommands(),
      PubSubCommands(),
      ScriptCommands(),
      FunctionCommands(),
      CommandCommands(),
  };
  // clang-format on
  return families;
}

}  // namespace holdfast::server::commands
