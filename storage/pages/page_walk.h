#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "storage/env.h"
#include "storage/pages/page.h"
#include "storage/pages/page_file.h"

namespace holdfast::storage::pages {

// Hears what a walk meets.
class WalkVisitor {
 public:
  virtual ~WalkVisitor() = default;
  // An entry of the named table, in the order of keys; only with WalkScope::kValues. `offset` is its place in
  // the file. The views live until the call returns.
  virtual void OnEntry(std::string_view table, std::string_view key, std::string_view value,
                       uint64_t offset) = 0;
  // Damage at byte `offset` of the file. What lies below it is passed over.
  virtual void OnFault(uint64_t offset, const std::string& what) = 0;
};

enum class WalkScope {
  kBranches,  // the free list, and the pages above the leaves: few
  kPages,     // every page's header and nodes
  kValues,    // and the entries
};

struct WalkTotals {
  uint64_t branch_pages = 0;
  uint64_t leaf_pages = 0;
  uint64_t overflow_pages = 0;
  uint64_t free_pages = 0;  // that the free list names
  uint64_t lost_pages =
      0;                 // that neither a tree nor the free list knows; counted by a sound walk of all pages
  uint64_t entries = 0;  // of the named tables
  uint64_t faults = 0;
  bool complete = false;  // the walk was not stopped by its deadline

  [[nodiscard]] uint64_t used_pages() const { return branch_pages + leaf_pages + overflow_pages; }
};

// One walk through all trees of one state of a data file, from its meta page to the leaves. Every page is
// checked before it is used (page.h) and used at most once; keys must rise; what the roots count must be
// there; no page may be both used and free. Memory: two bits a page, and one page a level.
//
//   PageWalk walk(env, file, *file.newest(), visitor);
//   walk.Run(WalkScope::kValues);
//   if (walk.totals().faults == 0) ...
class PageWalk {
 public:
  // All of them outlive the walk.
  PageWalk(Env& env, PageFile& file, const Meta& meta, WalkVisitor& visitor);

  // Once. Stops early, with totals().complete false, when `budget` of time is used up.
  void Run(WalkScope scope, absl::Duration budget = absl::InfiniteDuration());

  [[nodiscard]] const WalkTotals& totals() const { return totals_; }
  // What the named tables' roots say that they take; known after a walk of any scope.
  [[nodiscard]] uint64_t table_pages() const;
  // After a walk of all pages: whether a tree holds the page, whether the free list names it, and whether the
  // free list was read without a fault.
  [[nodiscard]] bool is_used(PageNumber page) const { return used_[page]; }
  [[nodiscard]] bool is_free(PageNumber page) const { return free_[page]; }
  // Pages that were reached but could not be read on, or not wholly.
  [[nodiscard]] const std::vector<PageNumber>& damaged_pages() const { return damaged_; }
  [[nodiscard]] bool free_list_is_sound() const { return free_list_is_sound_; }

 private:
  // The tree being walked.
  struct Tree {
    std::string name;  // of a named table; what the other two are called in messages
    const TreeRoot& root;
    TreeRoot seen{};
    bool sound = true;
    bool any = false;     // `last` is a key
    std::string last{};   // the key before
    std::string floor{};  // no key that comes may be below
  };

  void WalkTree(std::string name, const TreeRoot& root, WalkScope scope);
  void WalkPage(Tree& tree, PageNumber number, uint16_t depth, WalkScope scope);
  void WalkBranch(Tree& tree, PageNumber number, std::string_view page, uint16_t depth, WalkScope scope);
  void WalkLeaf(Tree& tree, PageNumber number, std::string_view page, WalkScope scope);
  // The node's value, read into `buffer` if it overflows and `scope` asks for it. False after a fault.
  bool ReadValue(Tree& tree, const Node& node, uint64_t offset, WalkScope scope, std::string& buffer,
                 std::string_view& value);
  void TakeEntry(Tree& tree, const Node& node, std::string_view value, uint64_t offset, WalkScope scope);
  void TakeFreePages(std::string_view key, std::string_view value, uint64_t offset);
  void CheckCounts(const Tree& tree);
  void FindLostPages();

  // Both note the pages; false, with a fault, if that cannot be.
  bool Use(PageNumber first, uint64_t count, uint64_t offset);
  bool Read(PageNumber first, uint64_t count, std::string& into, uint64_t offset);
  void Fault(Tree* tree, uint64_t offset, const std::string& what);
  [[nodiscard]] uint64_t OffsetOf(PageNumber page) const { return page * file_.page_bytes(); }
  [[nodiscard]] bool InOrder(std::string_view lower, std::string_view higher, const Tree& tree) const;
  [[nodiscard]] bool OutOfTime();

  Env& env_;
  PageFile& file_;
  const Meta meta_;
  WalkVisitor& visitor_;
  WalkTotals totals_;
  absl::Duration deadline_ = absl::InfiniteDuration();
  bool stopped_ = false;
  uint64_t pages_read_ = 0;
  bool free_list_is_sound_ = true;
  std::vector<PageNumber> damaged_;
  std::vector<bool> used_;
  std::vector<bool> free_;
  std::vector<std::pair<std::string, TreeRoot>> tables_;  // found in the main tree
};

}  // namespace holdfast::storage::pages
