#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::server::engine {

// What a parameter's text must look like.
enum class ParameterKind : uint8_t {
  kText,      // anything
  kInteger,   // a decimal in [low, high]
  kBytes,     // a decimal with an optional unit (1k = 1000, 1kb = 1024, ... gb), in [low, high]
  kBool,      // yes or no
  kWord,      // one of the words in `words`, separated by '|'
  kOctal,     // file permissions, 0 to 777
  kList,      // words separated by spaces, none refused
  kBuffers,   // client-output-buffer-limit: class, hard, soft, seconds, repeated
  kPercents,  // latency-tracking-info-percentiles: numbers from 0 to 100
  kEvents,    // notify-keyspace-events: letters
  kLimits,    // queue-limit: patterns with their limits; in the file each line adds to those before
};

enum class ParameterUse : uint8_t {
  kAtStart,   // the configuration file and the command line; CONFIG SET refuses it
  kAnyTime,   // CONFIG SET as well
  kAccepted,  // has no meaning here: accepted and reported back, because clients and tools set it
};

// Constant data of one parameter, as the configuration file, the command line, CONFIG GET and CONFIG SET know
// it.
struct Parameter {
  std::string_view name;  // lower case; Redis's name where it has one
  ParameterKind kind;
  ParameterUse use;
  std::string_view preset;  // the default, as text in its normal form
  int64_t low = 0;
  int64_t high = 0;
  std::string_view words = {};
};

// In order of their names.
[[nodiscard]] std::span<const Parameter> AllParameters();

// By name in any case, also by Redis's older names (hash-max-ziplist-entries); nullptr if there is none.
[[nodiscard]] const Parameter* FindParameter(std::string_view name);

// The parameter whose name is nearest to a mistyped one; nullptr if none is near.
[[nodiscard]] const Parameter* NearestParameter(std::string_view name);

// What a text leaves unsaid (kBuffers) stays as in `current`; empty: the preset.
// A text brought to its normal form ("1mb" -> "1048576", "YES" -> "yes").
struct Normalized {
  std::string text;
  // Why the text is refused, in Redis's words; empty if it is not.
  std::string refusal;
};
[[nodiscard]] Normalized Normalize(const Parameter& parameter, std::string_view text,
                                   std::string_view current = {});

}  // namespace holdfast::server::engine
