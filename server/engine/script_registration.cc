#include <string_view>

#include "server/command/words.h"
#include "server/engine/function_library.h"
#include "server/engine/script_conversion.h"
#include "server/engine/script_interpreter.h"
#include "server/engine/script_sandbox.h"

// redis.register_function.
namespace holdfast::server::engine {
namespace {

// What the arguments are sorted into: places on the stack, each nil until it is given.
enum Slot : int { kName = 2, kBody = 3, kDescription = 4, kFlags = 5, kSlots = 5 };

// What is wrong with the table of flags on top, or null.
const char* ReadFlags(lua_State* lua, ScriptFlags& flags) {
  for (int index = 1;; ++index) {
    lua_rawgeti(lua, -1, index);
    if (lua_isnil(lua, -1)) break;
    if (lua_isstring(lua, -1) == 0 || !flags.Add(command::Lower(lua_tostring(lua, -1)))) {
      return "unknown flag given";
    }
    lua_pop(lua, 1);
  }
  lua_pop(lua, 1);
  return nullptr;
}

// Puts the value on top where it belongs. [-1, +0] What is wrong with it, or null.
const char* TakeArgument(lua_State* lua, std::string_view name, ScriptFlags& flags) {
  Slot slot = kName;
  if (command::EqualsIgnoreCase(name, "function_name")) {
    if (lua_isstring(lua, -1) == 0) {
      return "function_name argument given to redis.register_function must be a string";
    }
  } else if (command::EqualsIgnoreCase(name, "description")) {
    if (lua_isstring(lua, -1) == 0) {
      return "description argument given to redis.register_function must be a string";
    }
    slot = kDescription;
  } else if (command::EqualsIgnoreCase(name, "callback")) {
    if (!lua_isfunction(lua, -1)) {
      return "callback argument given to redis.register_function must be a function";
    }
    slot = kBody;
  } else if (command::EqualsIgnoreCase(name, "flags")) {
    if (!lua_istable(lua, -1)) {
      return "flags argument to redis.register_function must be a table representing function flags";
    }
    if (const char* problem = ReadFlags(lua, flags)) return problem;
    slot = kFlags;
  } else {
    return "unknown argument given to redis.register_function";
  }
  lua_replace(lua, slot);
  return nullptr;
}

const char* TakeNamedArguments(lua_State* lua, ScriptFlags& flags) {
  if (!lua_istable(lua, 1)) {
    return "calling redis.register_function with a single argument is only applicable to Lua table "
           "(representing named arguments).";
  }
  lua_settop(lua, kSlots);
  for (lua_pushnil(lua); lua_next(lua, 1) != 0;) {
    if (lua_isstring(lua, -2) == 0) {
      return "named argument key given to redis.register_function is not a string";
    }
    // A number would be changed under the walk; none is the name of an argument.
    const char* name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
    if (const char* problem = TakeArgument(lua, name, flags)) return problem;
  }
  if (lua_isnil(lua, kName)) return "redis.register_function must get a function name argument";
  if (lua_isnil(lua, kBody)) return "redis.register_function must get a callback argument";
  return nullptr;
}

const char* TakePositions(lua_State* lua) {
  if (lua_isstring(lua, 1) == 0) return "first argument to redis.register_function must be a string";
  if (!lua_isfunction(lua, 2)) return "second argument to redis.register_function must be a function";
  lua_pushnil(lua);
  lua_insert(lua, 1);
  lua_settop(lua, kSlots);
  return nullptr;
}

const char* TakeArguments(lua_State* lua, ScriptFlags& flags) {
  switch (lua_gettop(lua)) {
    case 1:
      return TakeNamedArguments(lua, flags);
    case 2:
      return TakePositions(lua);
    default:
      return "wrong number of arguments to redis.register_function";
  }
}

std::string_view StringAt(lua_State* lua, Slot slot) {
  size_t size = 0;
  const char* bytes = lua_tolstring(lua, slot, &size);
  return {bytes, size};
}

const char* Objection(const RegisteredFunctions& functions, std::string_view name) {
  if (!IsLibraryName(name)) return kBadLibraryName;
  for (const RegisteredFunction& function : functions) {
    if (function.name == name) return "Function already exists in the library";
  }
  return nullptr;
}

// Makes the error {err="ERR `problem`"} and raises it.
int RaiseProblem(lua_State* lua, const char* problem) {
  lua_createtable(lua, 0, 1);
  lua_pushfstring(lua, "ERR %s", problem);
  lua_setfield(lua, -2, "err");
  return lua_error(lua);
}

}  // namespace

int RegisterFunction(lua_State* lua) {
  RegisteredFunctions* functions = Interpreter::RegisteringOf(lua);
  if (functions == nullptr) {
    return RaiseProblem(lua, "redis.register_function can only be called on FUNCTION LOAD command");
  }
  ScriptFlags flags{.declared = true};
  if (const char* problem = TakeArguments(lua, flags)) return RaiseProblem(lua, problem);
  const std::string_view name = StringAt(lua, kName);
  if (const char* problem = Objection(*functions, name)) return RaiseProblem(lua, problem);
  const std::string_view description =
      lua_isnil(lua, kDescription) ? std::string_view() : StringAt(lua, kDescription);
  const bool described = !lua_isnil(lua, kDescription);
  lua_pushvalue(lua, kBody);
  const int body = luaL_ref(lua, LUA_REGISTRYINDEX);
  // Nothing of Lua is called from here on.
  RegisteredFunction& function = functions->emplace_back();
  function.name = name;
  if (described) function.description = description;
  function.flags = flags;
  function.function = body;
  return 0;
}

}  // namespace holdfast::server::engine
