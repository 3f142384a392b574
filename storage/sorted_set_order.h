#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/sorted_set_walk.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// The elements of a sorted set that outgrew the inline form, held twice: by the hash of the member, to find
// its score, and by score, to walk in order.
//
//   [kScore][id][bounded member]               -> [score], and for a long member [label u64][member]
//   [kOrder][id][score][member]                -> ()
//   [kOrder][id][score][128 bytes][label u64]  -> the score entry's bounded member, for a long member
//
// Scores are ordered doubles (codec.h). A member is long above kWholeMemberBytes: its bytes stand once, in
// the score entry. Long members of one score that begin with the same 128 bytes form a run; labels put the
// run into the order of the members' whole bytes. A label is chosen between its neighbours' labels; where
// they leave no room, the neighbourhood is spread out anew.
class SortedSetOrder {
 public:
  static constexpr size_t kWholeMemberBytes = 128;

  // What the score entry says of a member.
  struct Stored {
    double score = 0;
    uint64_t label = 0;  // long members only
  };

  SortedSetOrder(Transaction& transaction, uint64_t id) : transaction_(transaction), id_(id) {}

  [[nodiscard]] std::optional<Stored> Find(std::string_view member) const;
  // `member` must be absent.
  void Insert(std::string_view member, double score);
  // `stored` must be what Find says.
  void Erase(std::string_view member, const Stored& stored);
  void Move(std::string_view member, const Stored& stored, double score);

  [[nodiscard]] std::unique_ptr<SortedSetWalk> NewWalk(const BoundaryRange& range, Direction direction) const;

  // The element `steps` behind the first one at or after `hash` in hash order, round the end. Needs an
  // element.
  [[nodiscard]] ScoredMember NearHash(uint64_t hash, uint64_t steps) const;

  // The element that a score entry holds; `bounded` is its key's part after the id.
  [[nodiscard]] static ScoredMember ElementOf(std::string_view bounded, std::string_view value);
  // The whole bytes of the long member that an order entry refers to.
  [[nodiscard]] std::string_view LongMember(std::string_view reference) const;

 private:
  // The labels around a long member's place in its run. Absent neighbours: at the run's end.
  struct Place {
    std::optional<uint64_t> below;
    std::optional<uint64_t> above;
    std::optional<uint64_t> exact;  // the member itself is there
  };
  struct Labelled {
    uint64_t label;
    std::string reference;
  };

  [[nodiscard]] std::string Bounded(std::string_view member) const;
  [[nodiscard]] std::string ScoreKey(std::string_view bounded) const;
  [[nodiscard]] std::string OrderKey(std::string_view member, const Stored& stored) const;
  [[nodiscard]] std::string ScorePrefix(double score) const;
  [[nodiscard]] std::string RunPrefix(std::string_view member, double score) const;
  // The map key that separates what is before the boundary from what is after it.
  [[nodiscard]] std::string BoundaryKey(const Boundary& boundary) const;
  [[nodiscard]] std::string MemberBoundaryKey(const Boundary& boundary) const;

  void Write(std::string_view member, double score);
  [[nodiscard]] Place FindPlace(const std::string& run, std::string_view member) const;
  [[nodiscard]] uint64_t NewLabel(const std::string& run, std::string_view member);
  void MakeRoom(const std::string& run, uint64_t below);
  void Relabel(const std::string& run, const std::vector<Labelled>& neighbours, uint64_t low, uint64_t step);

  Transaction& transaction_;
  uint64_t id_;
};

}  // namespace holdfast::storage
