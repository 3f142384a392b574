#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/dump/listpack.h"
#include "storage/dump/texts.h"
#include "storage/stream.h"
#include "storage/stream_id.h"

namespace holdfast::storage::dump {

// A node of a stream: a run of its entries in a listpack (listpack.h), beside the id that theirs count from.
//
//   node  := live deleted fields name*fields 0 entry*(live + deleted)
//   entry := flags ms sequence value*fields words                 where flags has 2: the names are the node's
//          | flags ms sequence fields (name value)*fields words
//
// `ms` and `sequence` are what the entry's id is above the node's. Flag 1: it was deleted. `words` counts all
// of the entry before it.

// Appends those that were not deleted to `entries`. False if it is not sound, or ids do not ascend.
[[nodiscard]] bool ReadStreamNode(const StreamId& id, std::string_view node, Texts& texts,
                                  std::vector<StreamEntry>& entries);

// Makes a node of entries that come one by one.
class StreamNodeWriter {
 public:
  void Add(const StreamEntry& entry);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Of the first entry.
  [[nodiscard]] const StreamId& id() const { return id_; }
  // The node; begins another one.
  [[nodiscard]] std::string Finish();

 private:
  [[nodiscard]] bool HasNames(const StreamEntry& entry) const;

  StreamId id_;
  std::vector<std::string> names_;  // of the first entry
  int64_t count_ = 0;
  ListpackWriter entries_;
};

}  // namespace holdfast::storage::dump
