#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "resp/reply_writer.h"
#include "server/engine/script_lua.h"
#include "server/engine/script_run.h"

namespace holdfast::server::engine {

// One Lua state with its sandbox: compiles scripts and runs them, one at a time. Holds no script's names
// (script_cache.h does). A script can leave nothing behind for the next one (settings of cjson and the row of
// random numbers aside, as in Redis), and whatever it does ends in its reply: errors, endless recursion, a
// full heap.
class Interpreter {
 public:
  // What all scripts together may hold; beyond it they fail with "not enough memory". Redis has no such bound
  // and would be killed by the system.
  static constexpr size_t kMaxHeapBytes = size_t{1} << 30;

  // A compiled script.
  using Function = int;
  static constexpr Function kNoFunction = LUA_NOREF;

  explicit Interpreter(size_t max_heap_bytes = kMaxHeapBytes);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  // Compiles `code`. kNoFunction, and `error` says why in Lua's words, if it is no Lua.
  [[nodiscard]] Function Compile(std::string_view code, std::string& error);
  void Forget(Function function);

  // Runs a compiled script with the tables KEYS and ARGV and writes what it returns, or its error.
  void Run(Function function, std::span<const std::string_view> keys,
           std::span<const std::string_view> arguments, ScriptRun& run, resp::ReplyWriter& out);

  [[nodiscard]] size_t heap_bytes() const { return heap_bytes_; }
  // The run that `lua`, a state or a coroutine of an interpreter, belongs to. Only while one is going on.
  [[nodiscard]] static ScriptRun& RunOf(lua_State* lua) { return *Of(lua).run_; }
  // math.random's next number in [0, 2^31): one row over all scripts, the same after every start.
  [[nodiscard]] static long Random(lua_State* lua);
  static void Seed(lua_State* lua, int seed);

 private:
  struct Compilation;
  struct Execution;

  [[nodiscard]] static Interpreter& Of(lua_State* lua);
  static void* Allocate(void* self, void* block, size_t old_bytes, size_t new_bytes);
  static void OnCount(lua_State* lua, lua_Debug* debug);
  static int CompileProtected(lua_State* lua);
  static int Execute(lua_State* lua);
  // Calls it with the pointer; false if it ran out of memory.
  bool Protected(lua_CFunction function, void* argument);
  void CollectGarbage();

  const size_t max_heap_bytes_;
  size_t heap_bytes_ = 0;
  std::array<unsigned short, 3> random_;
  size_t spare_bytes_ = 0;  // what may be taken beyond the bound
  ScriptRun* run_ = nullptr;
  lua_State* lua_ = nullptr;
};

}  // namespace holdfast::server::engine
