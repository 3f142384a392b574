#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "storage/handed_out.h"

namespace holdfast::storage {

class Transaction;

// Who takes out more at once than workers do has it at once: what is handed out must be quick to put back,
// and what the book holds itself quick to read.
inline constexpr uint64_t kMostHandedOut = 1000;
inline constexpr uint64_t kMostHandedOutBytes = 1 << 20;  // of a sorted set's members

// The popped elements whose hand-over is not confirmed. A list's element stays where it stood, outside of the
// list's ends; that of a sorted set is copied. What a turn handed out is one small entry of the map (table
// U), written with the turn; a confirmation is the deletion of the element, which goes with a later turn.
//
//   book.Add(elements);        // a pop's effects stay: from now on the elements have their ids
//   book.Confirm(id);          // its receiver has it
//   book.Write(transaction);   // at the turn's end: part of the turn's record
//   book.Load(transaction);    // after a start: what is left was not confirmed
//
// A popped place is used again when somebody pushes at that end: MakeRoom, which List calls, moves the bytes
// that stand there into the book. Used by the engine's thread.
class HandOverBook {
 public:
  // Replaces what is in memory by what the map has. What was confirmed and not written yet, or only in a turn
  // that was taken back, stays confirmed.
  void Load(Transaction& transaction);

  // Gives each its id.
  void Add(std::span<HandedOut> elements);
  // Nothing if it is not there, or is confirmed already.
  void Confirm(const HandedOut::Id& id);

  // The place, or every place of the list `collection`, is about to be used otherwise: the bytes that are
  // handed out there are taken away. RollbackTo of the transaction calls GiveRoomBack.
  void MakeRoom(Transaction& transaction, const HandedOut::Place& place);
  void MakeRoom(Transaction& transaction, uint64_t collection);
  void GiveRoomBack(const HandedOut::Id& id);

  // Null if it is not there, or is confirmed. Until the next call of another verb.
  [[nodiscard]] const HandedOut* Find(const HandedOut::Id& id) const;
  // All that are not confirmed, the last one handed out first.
  [[nodiscard]] std::vector<HandedOut::Id> All() const;
  // How many are not confirmed.
  [[nodiscard]] size_t size() const { return outstanding_; }

  // Something waits to be written.
  [[nodiscard]] bool has_unwritten() const { return !confirmed_.empty() || !dirty_.empty(); }
  // What Write will add to the turn, at most.
  [[nodiscard]] uint64_t unwritten_bytes() const { return unwritten_bytes_; }
  void Write(Transaction& transaction);
  // What it will add at most for what `transaction` has noted and nobody has added yet.
  [[nodiscard]] static uint64_t MostBytes(const Transaction& transaction);

 private:
  enum class State : uint8_t { kOut, kConfirmed, kGone };
  struct Item {
    HandedOut element;
    State state = State::kOut;
  };
  // What one turn handed out.
  struct Turn {
    std::vector<Item> items;             // by ordinal
    size_t left = 0;                     // of them, those that are not kGone: confirmed, and that written
    std::vector<HandedOut::Place> gone;  // those that its entry in the map still names
    bool stored = false;
  };

  [[nodiscard]] Item* Look(const HandedOut::Id& id);
  void Insert(HandedOut element);
  // The turn's entry is to be written anew.
  void SetDirty(uint64_t number);
  void WriteOff(Transaction& transaction, const HandedOut::Id& id);
  void WriteTurn(Transaction& transaction, uint64_t number);

  std::map<uint64_t, Turn> turns_;
  absl::btree_map<HandedOut::Place, HandedOut::Id> places_;  // that entries name
  absl::btree_set<uint64_t> dirty_;
  std::vector<HandedOut::Id> confirmed_;     // since the last Write
  std::vector<HandedOut::Id> just_written_;  // confirmations of the last Write, whose turn may be taken back
  uint64_t next_turn_ = 1;
  bool turn_is_open_ = false;  // next_turn_ has elements
  size_t outstanding_ = 0;
  uint64_t unwritten_bytes_ = 0;
};

}  // namespace holdfast::storage
