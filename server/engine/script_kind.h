#pragma once

#include <cstdint>

namespace holdfast::server::engine {

// The two ways in which clients bring Lua. A script's chunk is run by EVAL, with the globals KEYS and ARGV. A
// library's chunk is run once, when it is loaded, to register functions; FCALL runs those with the two tables
// as arguments.
enum class ScriptKind : uint8_t { kScript, kFunction };

}  // namespace holdfast::server::engine
