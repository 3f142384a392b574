#pragma once

#include "tests/differential/requests.h"
#include "tests/harness/oracle.h"

namespace holdfast::differential {

// All commands of the server, as the tests draw them.
[[nodiscard]] const server::command::Table& TheTable();

// Asks the oracle which commands and options it knows.
[[nodiscard]] KnownSyntax AskForSyntax(harness::Oracle& oracle);

}  // namespace holdfast::differential
