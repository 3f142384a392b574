#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply_writer.h"
#include "server/engine/script_flags.h"
#include "server/engine/script_kind.h"
#include "server/engine/script_lua.h"
#include "server/engine/script_run.h"

namespace holdfast::server::engine {

// What a library says of a function in redis.register_function.
struct RegisteredFunction {
  std::string name;
  std::optional<std::string> description;
  ScriptFlags flags;
  int function = LUA_NOREF;  // Interpreter::Function
};
using RegisteredFunctions = std::vector<RegisteredFunction>;

// One Lua state with its sandbox: compiles scripts and runs them, one at a time. Holds no script's names
// (script_cache.h does). A script can leave nothing behind for the next one (settings of cjson and the row of
// random numbers aside, as in Redis), and whatever it does ends in its reply: errors, endless recursion, a
// full heap. Libraries of functions keep what their local variables hold.
class Interpreter {
 public:
  // What all scripts together may hold; beyond it they fail with "not enough memory". Redis has no such bound
  // and would be killed by the system.
  static constexpr size_t kMaxHeapBytes = size_t{1} << 30;

  // A compiled script.
  using Function = int;
  static constexpr Function kNoFunction = LUA_NOREF;

  explicit Interpreter(ScriptKind kind, size_t max_heap_bytes = kMaxHeapBytes);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  // Compiles `code`. kNoFunction, and `error` says why in Lua's words, if it is no Lua.
  [[nodiscard]] Function Compile(std::string_view code, std::string& error);
  void Forget(Function function);

  // Runs a library's code once. `functions` is what it registered: the caller's to forget. False, and `error`
  // says why in Redis's words, if it cannot be compiled or ends with an error; nothing is registered then.
  [[nodiscard]] bool Load(std::string_view code, ScriptRun& run, RegisteredFunctions& functions,
                          std::string& error);

  // Runs a compiled script with the tables KEYS and ARGV, or a registered function with these as arguments,
  // and writes what it returns, or its error.
  void Run(Function function, std::span<const std::string_view> keys,
           std::span<const std::string_view> arguments, ScriptRun& run, resp::ReplyWriter& out);

  [[nodiscard]] size_t heap_bytes() const { return heap_bytes_; }
  // The run that `lua`, a state or a coroutine of an interpreter, belongs to. Only while one is going on.
  [[nodiscard]] static ScriptRun& RunOf(lua_State* lua) { return *Of(lua).run_; }
  // Where the library that is being loaded registers its functions; null at all other times.
  [[nodiscard]] static RegisteredFunctions* RegisteringOf(lua_State* lua) { return Of(lua).registering_; }
  // math.random's next number in [0, 2^31): one row over all scripts, the same after every start.
  [[nodiscard]] static long Random(lua_State* lua);
  static void Seed(lua_State* lua, int seed);
  // This one's row goes on where that of `other` is.
  void ContinueRandom(const Interpreter& other) { random_ = other.random_; }

 private:
  struct Compilation;
  struct Loading;
  struct Execution;

  [[nodiscard]] static Interpreter& Of(lua_State* lua);
  static void* Allocate(void* self, void* block, size_t old_bytes, size_t new_bytes);
  static void OnCount(lua_State* lua, lua_Debug* debug);
  static int CompileProtected(lua_State* lua);
  static int LoadProtected(lua_State* lua);
  static int Execute(lua_State* lua);
  // One run at a time: what lies between the two is interrupted when `run` says so.
  void BeginRun(ScriptRun& run);
  void EndRun();
  // Calls it with the pointer; false if it ran out of memory.
  bool Protected(lua_CFunction function, void* argument);
  void CollectGarbage();

  const ScriptKind kind_;
  const size_t max_heap_bytes_;
  size_t heap_bytes_ = 0;
  std::array<unsigned short, 3> random_;
  size_t spare_bytes_ = 0;  // what may be taken beyond the bound
  ScriptRun* run_ = nullptr;
  RegisteredFunctions* registering_ = nullptr;
  lua_State* lua_ = nullptr;
};

}  // namespace holdfast::server::engine
