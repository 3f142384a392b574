#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::storage {

// The classes of keyspace events, by which listeners choose (notify-keyspace-events; in parentheses Redis's
// letter). https://redis.io/docs/latest/develop/use/keyspace-notifications/
enum class EventClass : uint32_t {
  kGeneric = 1U << 0,    // (g) commands of any type: del, expire, rename_from
  kString = 1U << 1,     // ($)
  kList = 1U << 2,       // (l)
  kSet = 1U << 3,        // (s)
  kHash = 1U << 4,       // (h)
  kSortedSet = 1U << 5,  // (z)
  kExpired = 1U << 6,    // (x) a key's time was over
  kEvicted = 1U << 7,    // (e) never happens
  kStream = 1U << 8,     // (t)
  kModule = 1U << 9,     // (d) never happens
  kMissed = 1U << 10,    // (m) a read met no key
  kNew = 1U << 11,       // (n) a key that was not there
};

// What a command did to a key, in the word that Redis has for it.
struct Event {
  int database = 0;
  EventClass kind = EventClass::kGeneric;
  std::string_view name;  // a literal
  std::string key;
};

// How often commands that read found their keys.
struct Lookups {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t expired = 0;  // keys that went because their own time was over, whoever found them
};

}  // namespace holdfast::storage
