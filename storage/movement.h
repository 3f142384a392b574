#pragma once

#include <cstdint>
#include <string>

namespace holdfast::storage {

// What the map needs for an element beside its own bytes, about: for the measure of growth.
inline constexpr uint64_t kElementBytes = 16;
// And for a key beside its name.
inline constexpr uint64_t kKeyBytes = 64;
// And for an entry of a stream that is pending in a group: it stands in two tables.
inline constexpr uint64_t kDeliveryBytes = 120;

// An element that a command put into a list or a sorted set, or took out of one: what loans are made of
// (storage/loan_book.h). What goes with its whole key (DEL), is trimmed, or only changes its place or its
// score, is no movement. Values of hashes and strings that name a job are noted too.
struct Movement {
  enum class Way : uint8_t {
    kTaken,  // a worker may have it now, and bring it back
    kGiven,
    kNoted,  // a value names a job that is out: who works on it (a hash of what is unacknowledged)
  };

  Way way = Way::kTaken;
  bool is_return = false;  // kGiven: its payload shows that it was out (JobIdentity::IsReturn)
  uint32_t key = 0;        // kGiven: index in Transaction::growing_keys()
  uint64_t job = 0;        // JobIdentity::Of
  uint64_t bytes = 0;      // the element's, with what the map needs for it
};

// By how much a key has grown (negative: shrunk) each time it was written.
struct Resize {
  int database = 0;
  std::string key;
  int64_t count = 0;   // elements
  int64_t bytes = 0;   // of the elements, as Entry::bytes has them
  int64_t growth = 0;  // what it came to in Transaction::growth
};

// A key that elements were put into.
struct GrowingKey {
  int database = 0;
  std::string key;
};

}  // namespace holdfast::storage
