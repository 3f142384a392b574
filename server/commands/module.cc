#include "server/command/context.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kNoModules(
    "ERR Holdfast loads no modules (ARCHITECTURE.md, Deliberate differences from Redis)");

Outcome List(Context& context) {
  context.reply.Array(0);
  return Done{};
}

Outcome Refuse(Context&) { return kNoModules; }

constexpr uint32_t kLoads = kAdmin | kNoScript | kNoAsyncLoading;

constexpr Command Entry(std::string_view name, std::string_view syntax, uint32_t flags,
                        std::string_view since, std::string_view summary, Handler run) {
  return {name, syntax, flags, "server", since, "O(1)", summary, run};
}

constexpr Command kCommands[] = {
    Entry("module|list", "", kAdmin | kNoScript, "4.0.0", "Returns no modules.", &List),
    Entry("module|load", "path [arg [arg ...]]", kLoads, "4.0.0", "Answers an error: there are no modules.",
          &Refuse),
    Entry("module|loadex", "path [CONFIG name value [CONFIG name value ...]] [ARGS args [args ...]]", kLoads,
          "7.0.0", "Answers an error: there are no modules.", &Refuse),
    Entry("module|unload", "name", kLoads, "4.0.0", "Answers an error: there are no modules.", &Refuse),
};

}  // namespace

Family ModuleCommands() { return kCommands; }

}  // namespace holdfast::server::commands
