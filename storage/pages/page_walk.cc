#include "storage/pages/page_walk.h"

#include <algorithm>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace holdfast::storage::pages {
namespace {

constexpr const char* kFreeList = "(free list)";
constexpr const char* kMain = "(tables)";
constexpr uint64_t kLookAtClockEvery = 64;

bool IsFreeList(std::string_view name) { return name == kFreeList; }

std::string Escaped(std::string_view key) { return absl::CEscape({key.data(), key.size()}); }

}  // namespace

PageWalk::PageWalk(Env& env, PageFile& file, const Meta& meta, WalkVisitor& visitor)
    : env_(env),
      file_(file),
      meta_(meta),
      visitor_(visitor),
      used_(meta.last_page + 1, false),
      free_(meta.last_page + 1, false) {}

void PageWalk::Run(WalkScope scope, absl::Duration budget) {
  if (budget != absl::InfiniteDuration()) deadline_ = env_.Monotonic() + budget;
  std::fill_n(used_.begin(), kMetaPages, true);
  // The free list is short, and its values are what matters of it.
  WalkTree(kFreeList, meta_.free_list, WalkScope::kValues);
  WalkTree(kMain, meta_.main, WalkScope::kValues);
  for (const auto& [name, root] : tables_) WalkTree(name, root, scope);
  totals_.complete = !stopped_;
  if (scope != WalkScope::kBranches && totals_.complete && totals_.faults == 0) FindLostPages();
}

uint64_t PageWalk::table_pages() const {
  uint64_t pages = 0;
  for (const auto& [name, root] : tables_) pages += root.pages();
  return pages;
}

void PageWalk::WalkTree(std::string name, const TreeRoot& root, WalkScope scope) {
  Tree tree{.name = std::move(name), .root = root};
  if (!root.empty()) WalkPage(tree, root.root, root.depth, scope);
  totals_.branch_pages += tree.seen.branch_pages;
  totals_.leaf_pages += tree.seen.leaf_pages;
  totals_.overflow_pages += tree.seen.overflow_pages;
  if (!IsFreeList(tree.name) && tree.name != kMain) totals_.entries += tree.seen.entries;
  if (IsFreeList(tree.name) && (!tree.sound || stopped_)) free_list_is_sound_ = false;
  if (tree.sound && !stopped_ && scope != WalkScope::kBranches) CheckCounts(tree);
}

void PageWalk::WalkPage(Tree& tree, PageNumber number, uint16_t depth, WalkScope scope) {
  const uint64_t offset = OffsetOf(number);
  const bool is_leaf = depth == 1;
  if (OutOfTime() || (is_leaf && scope == WalkScope::kBranches)) return;
  std::string page;
  if (!Use(number, 1, offset) || !Read(number, 1, page, offset)) {
    tree.sound = false;
    return;
  }
  const PageKind kind = is_leaf ? PageKind::kLeaf : PageKind::kBranch;
  if (const auto fault = CheckPage(page, number, kind)) {
    damaged_.push_back(number);
    return Fault(&tree, offset + fault->at,
                 absl::StrCat("page ", number, " of ", tree.name, ": ", fault->what));
  }
  if (is_leaf) {
    ++tree.seen.leaf_pages;
    WalkLeaf(tree, number, page, scope);
  } else {
    ++tree.seen.branch_pages;
    WalkBranch(tree, number, page, depth, scope);
  }
}

void PageWalk::WalkBranch(Tree& tree, PageNumber number, std::string_view page, uint16_t depth,
                          WalkScope scope) {
  for (size_t index = 0; index < NodeCount(page) && !stopped_; ++index) {
    const Node node = NodeAt(page, index, PageKind::kBranch);
    if (index > 0) {
      const bool rises = (!tree.any || InOrder(tree.last, node.key, tree)) &&
                         (tree.floor.empty() || InOrder(tree.floor, node.key, tree));
      if (!rises) {
        Fault(&tree, OffsetOf(number) + node.at,
              absl::StrCat("page ", number, " of ", tree.name, ": the key \"", Escaped(node.key),
                           "\" is not above those before it"));
      } else {
        tree.floor = node.key;
      }
    }
    WalkPage(tree, node.child, static_cast<uint16_t>(depth - 1), scope);
  }
}

void PageWalk::WalkLeaf(Tree& tree, PageNumber number, std::string_view page, WalkScope scope) {
  std::string buffer;
  for (size_t index = 0; index < NodeCount(page); ++index) {
    const Node node = NodeAt(page, index, PageKind::kLeaf);
    const uint64_t offset = OffsetOf(number) + node.at;
    const bool rises = (!tree.any || InOrder(tree.last, node.key, tree)) &&
                       (tree.floor.empty() || !InOrder(node.key, tree.floor, tree));
    if (!rises) {
      Fault(&tree, offset,
            absl::StrCat("page ", number, " of ", tree.name, ": the key \"", Escaped(node.key),
                         "\" is not in its place"));
    }
    tree.any = true;
    tree.last = node.key;
    ++tree.seen.entries;
    std::string_view value = node.value;
    if (node.overflow != kNoPage && !ReadValue(tree, node, offset, scope, buffer, value)) {
      damaged_.push_back(number);
      continue;
    }
    TakeEntry(tree, node, value, offset, scope);
  }
}

bool PageWalk::ReadValue(Tree& tree, const Node& node, uint64_t offset, WalkScope scope, std::string& buffer,
                         std::string_view& value) {
  const uint64_t place = OffsetOf(node.overflow);
  if (!Use(node.overflow, 1, offset) || !Read(node.overflow, 1, buffer, offset)) {
    tree.sound = false;
    return false;
  }
  if (const auto fault = CheckPage(buffer, node.overflow, PageKind::kOverflow, node.value_bytes)) {
    Fault(&tree, place + fault->at,
          absl::StrCat("page ", node.overflow, ", the value of \"", Escaped(node.key), "\" of ", tree.name,
                       ": ", fault->what));
    return false;
  }
  const uint64_t pages = OverflowPages(buffer);
  tree.seen.overflow_pages += pages;
  if (pages > 1 && !Use(node.overflow + 1, pages - 1, place)) {
    tree.sound = false;
    return false;
  }
  if (scope != WalkScope::kValues) return true;
  if (pages > 1 && !Read(node.overflow, pages, buffer, place)) {
    tree.sound = false;
    return false;
  }
  value = std::string_view(buffer).substr(kPageHeaderBytes, node.value_bytes);
  return true;
}

void PageWalk::TakeEntry(Tree& tree, const Node& node, std::string_view value, uint64_t offset,
                         WalkScope scope) {
  if (IsFreeList(tree.name)) {
    TakeFreePages(node.key, value, offset);
  } else if (tree.name == kMain) {
    if (!node.is_tree) {
      return Fault(&tree, offset,
                   absl::StrCat("\"", Escaped(node.key), "\" should be a table, but is a value"));
    }
    tables_.emplace_back(node.key, DecodeTreeRoot(value));
    const TreeRoot& root = tables_.back().second;
    const bool rooted = root.empty() ? root.depth == 0 : root.root <= meta_.last_page && root.depth > 0;
    if (root.flags == 0 && rooted && root.depth <= 32) return;
    Fault(&tree, offset, absl::StrCat("the description of table \"", Escaped(node.key), "\" is damaged"));
    tables_.pop_back();
  } else if (node.is_tree) {
    Fault(&tree, offset, absl::StrCat("\"", Escaped(node.key), "\" should be a value, but is a table"));
  } else if (scope == WalkScope::kValues) {
    visitor_.OnEntry(tree.name, node.key, value, offset);
  }
}

// [count][page]*, the highest page first; the key is the transaction that freed them.
void PageWalk::TakeFreePages(std::string_view key, std::string_view value, uint64_t offset) {
  const auto fail = [&](const std::string& what) {
    free_list_is_sound_ = false;
    Fault(nullptr, offset, absl::StrCat("the free list: ", what));
  };
  constexpr size_t kWord = sizeof(uint64_t);
  if (key.size() != kWord || Load64(key, 0) > meta_.transaction) return fail("an entry of no transaction");
  const uint64_t count = value.size() < kWord ? 1 : Load64(value, 0);
  if (value.size() / kWord == 0 || count > value.size() / kWord - 1) {
    return fail(absl::StrCat("an entry of ", count, " pages in ", value.size(), " bytes"));
  }
  PageNumber above = meta_.last_page + 1;
  for (uint64_t i = 1; i <= count; ++i) {
    const PageNumber page = Load64(value, i * kWord);
    if (page >= above || page < kMetaPages) return fail(absl::StrCat("page ", page, " cannot stand there"));
    if (free_[page]) return fail(absl::StrCat("page ", page, " stands there twice"));
    free_[page] = true;
    ++totals_.free_pages;
    above = page;
  }
}

void PageWalk::CheckCounts(const Tree& tree) {
  const auto compare = [&](std::string_view what, uint64_t counted, uint64_t seen) {
    if (counted == seen) return;
    const PageNumber meta = meta_.transaction % kMetaPages;
    Fault(nullptr, OffsetOf(meta),
          absl::StrCat("the root of ", tree.name, " counts ", counted, " ", std::string(what), ", but ", seen,
                       " are there"));
  };
  compare("branch pages", tree.root.branch_pages, tree.seen.branch_pages);
  compare("leaf pages", tree.root.leaf_pages, tree.seen.leaf_pages);
  compare("overflow pages", tree.root.overflow_pages, tree.seen.overflow_pages);
  compare("entries", tree.root.entries, tree.seen.entries);
}

void PageWalk::FindLostPages() {
  for (PageNumber page = kMetaPages; page <= meta_.last_page; ++page) {
    if (used_[page] && free_[page]) {
      Fault(nullptr, OffsetOf(page), absl::StrCat("page ", page, " is in use and in the free list"));
    }
    if (!used_[page] && !free_[page]) ++totals_.lost_pages;
  }
}

bool PageWalk::Use(PageNumber first, uint64_t count, uint64_t offset) {
  if (first < kMetaPages || first > meta_.last_page || count > meta_.last_page + 1 - first) {
    Fault(nullptr, offset, absl::StrCat("a reference to page ", first, " of ", meta_.last_page + 1));
    return false;
  }
  for (PageNumber page = first; page < first + count; ++page) {
    if (used_[page]) {
      Fault(nullptr, offset, absl::StrCat("page ", page, " is used twice"));
      return false;
    }
    used_[page] = true;
  }
  return true;
}

bool PageWalk::Read(PageNumber first, uint64_t count, std::string& into, uint64_t offset) {
  const absl::Status status = file_.Read(first, count, into);
  if (!status.ok()) Fault(nullptr, offset, std::string(status.message()));
  return status.ok();
}

void PageWalk::Fault(Tree* tree, uint64_t offset, const std::string& what) {
  if (tree != nullptr) tree->sound = false;
  ++totals_.faults;
  visitor_.OnFault(offset, what);
}

bool PageWalk::InOrder(std::string_view lower, std::string_view higher, const Tree& tree) const {
  constexpr size_t kWord = sizeof(uint64_t);
  if (!IsFreeList(tree.name)) return lower < higher;
  return lower.size() == kWord && higher.size() == kWord && Load64(lower, 0) < Load64(higher, 0);
}

bool PageWalk::OutOfTime() {
  if (++pages_read_ % kLookAtClockEvery == 0 && env_.Monotonic() >= deadline_) stopped_ = true;
  return stopped_;
}

}  // namespace holdfast::storage::pages
