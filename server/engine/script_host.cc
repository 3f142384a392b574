#include "server/engine/script_host.h"
namespace holdfast::server::engine {
class LuaState {};
ScriptHost::ScriptHost(State& state, Runner& runner) : state_(state), runner_(runner) {
  (void)state_;
  (void)runner_;
}
ScriptHost::~ScriptHost() = default;
size_t ScriptHost::size() const { return 0; }
command::Outcome ScriptHost::Evaluate(command::Context&, std::string_view, std::span<const std::string_view>,
                                      std::span<const std::string_view>, Access) {
  return command::kSyntaxError;
}
command::Outcome ScriptHost::EvaluateKnown(command::Context&, std::string_view,
                                           std::span<const std::string_view>,
                                           std::span<const std::string_view>, Access) {
  return command::kSyntaxError;
}
std::optional<command::CommandError> ScriptHost::Load(std::string_view, std::string&) {
  return command::kSyntaxError;
}
bool ScriptHost::Knows(std::string_view) const { return false; }
void ScriptHost::Flush() {}
command::Outcome ScriptHost::Kill() { return command::kSyntaxError; }
}  // namespace holdfast::server::engine
