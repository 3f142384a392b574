#include "server/commands/database_number.h"

#include <cstdint>

#include "storage/transaction.h"

namespace holdfast::server::commands {
namespace {

const command::CommandError kNoInt(
    "ERR value is out of range, value must between -2147483648 and 2147483647");

}  // namespace

int ReadDatabase(command::Args& args) {
  const int64_t number = args.Integer();
  if (number < INT32_MIN || number > INT32_MAX) args.Fail(kNoInt);
  if (number < 0 || number >= storage::Transaction::kMaxDatabases) args.Fail(command::kDatabaseOutOfRange);
  return static_cast<int>(number);
}

}  // namespace holdfast::server::commands
