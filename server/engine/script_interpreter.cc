#include "server/engine/script_interpreter.h"

#include <cstdlib>

#include "server/command/words.h"
#include "server/engine/script_conversion.h"
#include "server/engine/script_read_only.h"
#include "server/engine/script_sandbox.h"

namespace holdfast::server::engine {
namespace {

using command::Concat;

// Roughly a millisecond of Lua.
constexpr int kInstructionsBetweenLooks = 100'000;

// Where the row begins when nobody has set a seed: POSIX's lrand48 begins there, and so does Redis.
constexpr int kFirstSeed = 0x1234ABCD;

// As POSIX's srand48 does it: the seed above a fixed low word.
std::array<unsigned short, 3> RandomState(int seed) {
  return {0x330E, static_cast<unsigned short>(seed), static_cast<unsigned short>(seed >> 16)};
}

int Open(lua_State* lua) {
  OpenSandbox(lua, *static_cast<ScriptKind*>(lua_touserdata(lua, 1)));
  return 0;
}

// Where the script was when the error was raised: the innermost Lua function of the first two. The outermost
// is ours (Execute) and no place: a function may be registered that is not written in Lua.
bool FindPlace(lua_State* lua, lua_Debug& place) {
  for (int level = 1; level <= 2; ++level) {
    lua_Debug outer;
    if (lua_getstack(lua, level, &place) == 0 || lua_getstack(lua, level + 1, &outer) == 0) return false;
    lua_getinfo(lua, "Sl", &place);
    if (place.currentline >= 0) break;
  }
  return true;
}

// Pushes the text of the error at index 1, with its code word.
void PushErrorText(lua_State* lua) {
  if (lua_istable(lua, 1)) {
    lua_pushliteral(lua, "err");
    lua_rawget(lua, 1);
    if (lua_type(lua, -1) == LUA_TSTRING) return;
    lua_pop(lua, 1);
    lua_pushliteral(lua, "ERR unknown error");
  } else if (lua_isstring(lua, 1) != 0) {
    lua_pushliteral(lua, "ERR ");
    lua_pushvalue(lua, 1);
    lua_concat(lua, 2);
  } else if (lua_isboolean(lua, 1)) {
    lua_pushstring(lua, lua_toboolean(lua, 1) != 0 ? "ERR true" : "ERR false");
  } else if (lua_isnil(lua, 1)) {
    lua_pushliteral(lua, "ERR nil");
  } else {
    lua_pushfstring(lua, "ERR %s: %p", luaL_typename(lua, 1), lua_topointer(lua, 1));
  }
}

// Runs where the error was raised: makes it {err=, source=, line=}, a new table, whatever it was.
int DescribeError(lua_State* lua) {
  lua_settop(lua, 1);
  lua_createtable(lua, 0, 3);
  PushErrorText(lua);
  lua_setfield(lua, 2, "err");
  lua_Debug place;
  if (FindPlace(lua, place)) {
    lua_pushstring(lua, place.source);
    lua_setfield(lua, 2, "source");
    lua_pushinteger(lua, place.currentline);
    lua_setfield(lua, 2, "line");
  }
  return 1;
}

// Pushes one text of the table on top and views it; empty if there is none. It stays on the stack.
std::string_view PushText(lua_State* lua, int table, const char* field) {
  lua_getfield(lua, table, field);
  size_t size = 0;
  const char* bytes = lua_tolstring(lua, -1, &size);
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, size);
}

// Writes the error on top.
void WriteFailure(lua_State* lua, std::string_view name, resp::ReplyWriter& out) {
  const int error = lua_gettop(lua);
  if (!lua_istable(lua, error)) {  // Lua itself gave up: memory, or an error in the handling of one
    const char* text = lua_tostring(lua, error);
    out.Error(
        Concat({"ERR Error running script ", name, ", ", text == nullptr ? "execution failure" : text}));
    return;
  }
  const std::string_view text = PushText(lua, error, "err");
  const std::string_view source = PushText(lua, error, "source");
  const std::string_view line = PushText(lua, error, "line");
  // Nothing of Lua is called while these texts are being joined.
  if (source.empty()) {
    out.Error(text);
  } else {
    out.Error(Concat({text, " script: ", name, ", on ", source, ":", line, "."}));
  }
}

}  // namespace

// The argument of CompileProtected, and its results.
struct Interpreter::Compilation {
  std::string_view code;
  std::string& error;
  Function function;
};

// The argument of LoadProtected, and its result.
struct Interpreter::Loading {
  std::string_view code;
  std::string& error;
};

// The argument of Execute.
struct Interpreter::Execution {
  ScriptKind kind;
  Function function;
  std::span<const std::string_view> keys;
  std::span<const std::string_view> arguments;
  ScriptRun& run;
  resp::ReplyWriter& out;
};

Interpreter::Interpreter(ScriptKind kind, size_t max_heap_bytes)
    : kind_(kind),
      max_heap_bytes_(max_heap_bytes),
      random_(RandomState(kFirstSeed)),
      lua_(lua_newstate(&Allocate, this)) {
  if (lua_ == nullptr || lua_cpcall(lua_, &Open, &kind) != 0) std::abort();
}

long Interpreter::Random(lua_State* lua) { return nrand48(Of(lua).random_.data()); }

void Interpreter::Seed(lua_State* lua, int seed) { Of(lua).random_ = RandomState(seed); }

Interpreter::~Interpreter() { lua_close(lua_); }

Interpreter& Interpreter::Of(lua_State* lua) {
  void* self = nullptr;
  lua_getallocf(lua, &self);
  return *static_cast<Interpreter*>(self);
}

void* Interpreter::Allocate(void* self, void* block, size_t old_bytes, size_t new_bytes) {
  Interpreter& interpreter = *static_cast<Interpreter*>(self);
  const size_t heap_bytes = interpreter.heap_bytes_ - old_bytes + new_bytes;
  if (new_bytes == 0) {
    std::free(block);
    interpreter.heap_bytes_ = heap_bytes;
    return nullptr;
  }
  if (new_bytes > old_bytes && heap_bytes > interpreter.max_heap_bytes_ + interpreter.spare_bytes_)
    return nullptr;
  void* grown = std::realloc(block, new_bytes);
  if (grown != nullptr) interpreter.heap_bytes_ = heap_bytes;
  return grown;
}

int Interpreter::CompileProtected(lua_State* lua) {
  Compilation& compilation = *static_cast<Compilation*>(lua_touserdata(lua, 1));
  if (luaL_loadbuffer(lua, compilation.code.data(), compilation.code.size(), "@user_script") == 0) {
    compilation.function = luaL_ref(lua, LUA_REGISTRYINDEX);
  } else if (const char* text = lua_tostring(lua, -1)) {
    compilation.error = text;
  }
  return 0;
}

Interpreter::Function Interpreter::Compile(std::string_view code, std::string& error) {
  error = "not enough memory";
  // Binary chunks are not checked by Lua and could do anything.
  if (code.starts_with(LUA_SIGNATURE[0])) {
    error = "user_script:1: unexpected symbol near 'char(27)'";
    return kNoFunction;
  }
  Compilation compilation{code, error, kNoFunction};
  Protected(&CompileProtected, &compilation);
  return compilation.function;
}

void Interpreter::Forget(Function function) {
  const auto forget = [](lua_State* lua) {
    luaL_unref(lua, LUA_REGISTRYINDEX, *static_cast<Function*>(lua_touserdata(lua, 1)));
    return 0;
  };
  Protected(forget, &function);
}

bool Interpreter::Protected(lua_CFunction function, void* argument) {
  const bool ok = lua_cpcall(lua_, function, argument) == 0;
  lua_settop(lua_, 0);
  return ok;
}

void Interpreter::BeginRun(ScriptRun& run) {
  run_ = &run;
  lua_sethook(lua_, &OnCount, LUA_MASKCOUNT, kInstructionsBetweenLooks);
}

void Interpreter::EndRun() {
  lua_sethook(lua_, nullptr, 0, 0);
  run_ = nullptr;
  CollectGarbage();
}

int Interpreter::LoadProtected(lua_State* lua) {
  Loading& loading = *static_cast<Loading*>(lua_touserdata(lua, 1));
  UseLibraryGlobals(lua);
  const char* stage = "Error compiling function: ";
  if (luaL_loadbuffer(lua, loading.code.data(), loading.code.size(), "@user_function") == 0) {
    stage = "Error registering functions: ";
    if (lua_pcall(lua, 0, 0, 0) == 0) return 0;
    lua_replace(lua, 1);
    lua_settop(lua, 1);
    PushErrorText(lua);
  }
  // Nothing of Lua is called from here on.
  const char* text = lua_tostring(lua, -1);
  loading.error = Concat({stage, text == nullptr ? "not enough memory" : text});
  return 0;
}

bool Interpreter::Load(std::string_view code, ScriptRun& run, RegisteredFunctions& functions,
                       std::string& error) {
  error.clear();
  registering_ = &functions;
  BeginRun(run);
  Loading loading{code, error};
  if (!Protected(&LoadProtected, &loading)) error = "Error registering functions: not enough memory";
  const auto leave = [](lua_State* lua) {
    UseScriptGlobals(lua);
    return 0;
  };
  Protected(leave, nullptr);
  registering_ = nullptr;
  EndRun();
  if (error.empty()) return true;
  for (const RegisteredFunction& function : functions) Forget(function.function);
  functions.clear();
  return false;
}

void Interpreter::Run(Function function, std::span<const std::string_view> keys,
                      std::span<const std::string_view> arguments, ScriptRun& run, resp::ReplyWriter& out) {
  const size_t begin = out.size();
  BeginRun(run);
  Execution execution{kind_, function, keys, arguments, run, out};
  if (!Protected(&Execute, &execution)) {
    out.Truncate(begin);
    out.Error(Concat({"ERR Error running script ", run.name(), ", not enough memory"}));
  }
  EndRun();
}

int Interpreter::Execute(lua_State* lua) {
  const Execution& execution = *static_cast<Execution*>(lua_touserdata(lua, 1));
  int arguments = 0;
  lua_pushcfunction(lua, &DescribeError);
  const int handler = lua_gettop(lua);
  lua_rawgeti(lua, LUA_REGISTRYINDEX, execution.function);
  if (execution.kind == ScriptKind::kScript) {
    SetScriptArguments(lua, execution.keys, execution.arguments);
  } else {
    PushWords(lua, execution.keys);
    PushWords(lua, execution.arguments);
    arguments = 2;
  }
  if (lua_pcall(lua, arguments, 1, handler) != 0) {
    WriteFailure(lua, execution.run.name(), execution.out);
  } else {
    WriteValue(lua, execution.out, execution.run.client().protocol);
  }
  return 0;
}

void Interpreter::CollectGarbage() {
  // Whatever a script told the collector holds for that script only.
  constexpr int kDefaultPause = 200;
  constexpr int kDefaultStep = 200;
  lua_gc(lua_, LUA_GCRESTART, 0);
  lua_gc(lua_, LUA_GCSETPAUSE, kDefaultPause);
  lua_gc(lua_, LUA_GCSETSTEPMUL, kDefaultStep);
  // A large heap is given back at once, a small one is left to Lua; collecting may itself need a little.
  const size_t large = max_heap_bytes_ / 16;
  if (heap_bytes_ <= large) return;
  spare_bytes_ = large;
  const auto collect = [](lua_State* lua) {
    if (*static_cast<ScriptKind*>(lua_touserdata(lua, 1)) == ScriptKind::kScript) {
      SetScriptArguments(lua, {}, {});
    }
    lua_gc(lua, LUA_GCCOLLECT, 0);
    return 0;
  };
  ScriptKind kind = kind_;
  Protected(collect, &kind);
  spare_bytes_ = 0;
}

void Interpreter::OnCount(lua_State* lua, lua_Debug*) {
  if (RunOf(lua).Interrupted()) RaiseKilled(lua);
}

}  // namespace holdfast::server::engine
