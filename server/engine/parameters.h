#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast::server::engine {

// What a parameter's text must look like.
enum class ParameterKind : uint8_t {
  kText,      // anything
  kInteger,   // a decimal in [low, high]
  kBytes,     // ParseMemory's, in [low, high], both read as uint64_t
  kDisk,      // a size that is not empty (ParseSize's), or a percent of the file system
  kMemory,    // kBytes, or a percent of the memory
  kBool,      // yes or no
  kWord,      // one of the words in `words`, separated by '|'; "one=other" is reported back as `other`
  kOctal,     // file permissions, 0 to 777
  kList,      // words separated by spaces, none refused
  kBuffers,   // client-output-buffer-limit: class, hard, soft, seconds, repeated
  kPercents,  // latency-tracking-info-percentiles: numbers from 0 to 100
  kEvents,    // notify-keyspace-events: letters
  kLimits,    // queue-limit: patterns with their limits; in the file each line adds to those before
  kSave,      // save: pairs of seconds and changes; in the file each line adds to those before
  kShutdown,  // shutdown-on-sigint: words for SHUTDOWN
  kScores,    // oom-score-adj-values: three numbers
  kTitle,     // proc-title-template: text with {variables}
  kHostname,  // letters, digits, hyphens and dots
};

// Whether its value may be several words of a line.
[[nodiscard]] bool TakesWords(ParameterKind kind);

enum class ParameterUse : uint8_t {
  kAtStart,          // the configuration file and the command line; CONFIG SET refuses it
  kAnyTime,          // CONFIG SET as well
  kAccepted,         // has no meaning here: accepted and reported back, because clients and tools set it
  kAcceptedAtStart,  // has no meaning here, and CONFIG SET refuses it
};

// Redis's extra lock for parameters that name places where files are written.
enum class ParameterGuard : uint8_t {
  kNone,
  kProtected,  // CONFIG SET refuses it unless enable-protected-configs allows it
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
  // A number outside of these becomes the nearest one, silently; 0: no such bound.
  int64_t least = 0;
  int64_t most = 0;
  ParameterGuard guard = ParameterGuard::kNone;
};

// A parameter's name in older versions of Redis, under which it is known as well.
struct OlderName {
  std::string_view name;
  std::string_view current;
};
[[nodiscard]] std::span<const OlderName> OlderNames();

// In order of their names.
[[nodiscard]] std::span<const Parameter> AllParameters();

// By name in any case, also by Redis's older names (hash-max-ziplist-entries); nullptr if there is none.
[[nodiscard]] const Parameter* FindParameter(std::string_view name);

// The parameter whose name is nearest to a mistyped one; nullptr if none is near.
[[nodiscard]] const Parameter* NearestParameter(std::string_view name);

}  // namespace holdfast::server::engine
