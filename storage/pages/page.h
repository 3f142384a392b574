#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::storage::pages {

// The bytes of LMDB 0.9's data file on a 64-bit little-endian machine, read without LMDB, which trusts them:
// a flipped bit in a page's header makes it read and write where it should not. Everything here is checked
// before it is believed; the layout is that of LMDB's mdb.c ("Page Format").
//
//   page   := number:8 pad:2 kind:2 lower:2 upper:2 place:2*   ... free ...   node*     branch, leaf
//           | number:8 pad:2 kind:2 pages:4 value                                       overflow: a long
//           value | number:8 pad:2 kind:2 0:4 meta                                            pages 0 and 1
//   node   := size:4 flags:2 key_bytes:2 key value             leaf; an overflowing value's page:8 instead
//           | child:6 key_bytes:2 key                          branch; the first one's key counts as lowest

using PageNumber = uint64_t;
inline constexpr PageNumber kNoPage = ~PageNumber{0};
inline constexpr PageNumber kMetaPages = 2;  // they come first
inline constexpr size_t kPageHeaderBytes = 16;
inline constexpr size_t kLongestKeyBytes = 511;

enum class PageKind : uint16_t { kBranch = 1, kLeaf = 2, kOverflow = 4, kMeta = 8 };

// Something that is not as it must be: where in its page, and what.
struct PageFault {
  size_t at = 0;
  std::string what;
};

// Where one B-tree begins and what it should hold.
struct TreeRoot {
  static constexpr size_t kStoredBytes = 48;
  uint16_t flags = 0;
  uint16_t depth = 0;
  uint64_t branch_pages = 0;
  uint64_t leaf_pages = 0;
  uint64_t overflow_pages = 0;
  uint64_t entries = 0;
  PageNumber root = kNoPage;

  [[nodiscard]] bool empty() const { return root == kNoPage; }
  [[nodiscard]] uint64_t pages() const { return branch_pages + leaf_pages + overflow_pages; }
};
[[nodiscard]] TreeRoot DecodeTreeRoot(std::string_view stored);  // needs kStoredBytes

// One of the two descriptions of the file; the one of the newer transaction counts.
struct Meta {
  static constexpr size_t kStoredBytes = 136;  // without the page's header
  uint32_t page_bytes = 0;
  uint64_t map_bytes = 0;
  TreeRoot free_list;  // LMDB's own: which pages are free
  TreeRoot main;       // names of tables -> their TreeRoots
  PageNumber last_page = 0;
  uint64_t transaction = 0;
};
// `page` begins with meta page `number`, 0 or 1. nullopt, with `fault` set, if it cannot be one.
[[nodiscard]] std::optional<Meta> DecodeMeta(std::string_view page, PageNumber number, PageFault& fault);

// One node of a page that CheckPage found sound. The views point into the page.
struct Node {
  size_t at = 0;  // in the page
  std::string_view key;
  PageNumber child = kNoPage;     // branch
  uint64_t value_bytes = 0;       // leaf
  std::string_view value;         // leaf, if it does not overflow
  PageNumber overflow = kNoPage;  // leaf, if it does
  bool is_tree = false;           // leaf: the value is a TreeRoot
};

[[nodiscard]] size_t NodeCount(std::string_view page);
[[nodiscard]] Node NodeAt(std::string_view page, size_t index, PageKind kind);
// The nodes that a page which CheckPage refused still shows, if it was a leaf: each lies inside the page, no
// more is known of it. The entries' own checksums tell which are true; of those that were deleted, which pass
// too, none comes as long as the page says rightly where its places end or where its nodes begin.
[[nodiscard]] std::vector<Node> NodesOfDamagedLeaf(std::string_view page);
// How many pages an overflow page says that its value takes.
[[nodiscard]] uint64_t OverflowPages(std::string_view page);

// nullopt if `page`, a whole one, has `number`, is of `kind` and has its nodes side by side inside; for an
// overflow page, if it is long enough for `value_bytes`. Keys are not looked at.
[[nodiscard]] std::optional<PageFault> CheckPage(std::string_view page, PageNumber number, PageKind kind,
                                                 uint64_t value_bytes = 0);

// Numbers as they stand in the file.
[[nodiscard]] uint16_t Load16(std::string_view bytes, size_t at);
[[nodiscard]] uint32_t Load32(std::string_view bytes, size_t at);
[[nodiscard]] uint64_t Load64(std::string_view bytes, size_t at);

}  // namespace holdfast::storage::pages
