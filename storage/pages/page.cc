#include "storage/pages/page.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace holdfast::storage::pages {
namespace {

static_assert(std::endian::native == std::endian::little, "LMDB's files are of the machine that wrote them");

constexpr size_t kPadAt = 8;
constexpr size_t kKindAt = 10;
constexpr size_t kLowerAt = 12;
constexpr size_t kUpperAt = 14;
constexpr size_t kPlaceBytes = 2;

constexpr size_t kNodeHeaderBytes = 8;
constexpr size_t kNodeFlagsAt = 4;
constexpr size_t kKeyBytesAt = 6;
constexpr uint16_t kBigValue = 1;
constexpr uint16_t kTreeValue = 2;

constexpr uint32_t kMagic = 0xBEEFC0DE;
constexpr uint32_t kVersion = 1;
constexpr uint16_t kIntegerKeys = 8;
// LMDB keeps flags of the environment that made the file with those of the free list. Compaction makes files
// without a folder of their own; that means nothing to whoever opens them later.
constexpr uint16_t kMadeWithoutFolder = 0x4000;
constexpr uint32_t kSmallestPage = 512;
constexpr uint32_t kLargestPage = 32768;

// Nodes begin at even places.
size_t Even(size_t bytes) { return (bytes + 1) & ~size_t{1}; }

PageFault At(size_t at, std::string what) { return {at, std::move(what)}; }

std::string_view NameOf(PageKind kind) {
  switch (kind) {
    case PageKind::kBranch:
      return "branch";
    case PageKind::kLeaf:
      return "leaf";
    case PageKind::kOverflow:
      return "overflow";
    case PageKind::kMeta:
      return "meta";
  }
  return "";
}

std::string Named(PageKind kind) {
  return absl::StrCat(std::string(NameOf(kind)), " page (", static_cast<int>(kind), ")");
}

std::optional<PageFault> CheckHeader(std::string_view page, PageNumber number, PageKind kind) {
  if (const uint64_t found = Load64(page, 0); found != number) {
    return At(0, absl::StrCat("the page's number is ", found, " instead of ", number));
  }
  if (const uint16_t pad = Load16(page, kPadAt); pad != 0) {
    return At(kPadAt, absl::StrCat("the page's padding is ", pad, " instead of 0"));
  }
  if (const uint16_t found = Load16(page, kKindAt); found != static_cast<uint16_t>(kind)) {
    return At(kKindAt, absl::StrCat("the page's kind is ", found, " where a ", Named(kind), " should be"));
  }
  return std::nullopt;
}

// The bytes of the node at `at`, which its page holds with its header.
size_t NodeBytes(std::string_view page, size_t at, PageKind kind) {
  const size_t key_bytes = Load16(page, at + kKeyBytesAt);
  if (kind == PageKind::kBranch) return Even(kNodeHeaderBytes + key_bytes);
  const bool big = (Load16(page, at + kNodeFlagsAt) & kBigValue) != 0;
  return Even(kNodeHeaderBytes + key_bytes + (big ? sizeof(PageNumber) : Load32(page, at)));
}

std::optional<PageFault> CheckNode(std::string_view page, size_t at, PageKind kind, bool first) {
  const size_t key_bytes = Load16(page, at + kKeyBytesAt);
  const bool unbounded = kind == PageKind::kBranch && first;
  if (key_bytes > kLongestKeyBytes || (key_bytes == 0 && !unbounded)) {
    return At(at + kKeyBytesAt, absl::StrCat("a key of ", key_bytes, " bytes"));
  }
  if (kind == PageKind::kBranch) return std::nullopt;
  const uint16_t flags = Load16(page, at + kNodeFlagsAt);
  if (flags != 0 && flags != kBigValue && flags != kTreeValue) {
    return At(at + kNodeFlagsAt, absl::StrCat("a node with the unknown flags ", flags));
  }
  if (flags == kTreeValue && Load32(page, at) != TreeRoot::kStoredBytes) {
    return At(at, "a table's description that is not of its size");
  }
  return std::nullopt;
}

// Nodes fill the page's end without gaps, in any order.
std::optional<PageFault> CheckNodes(std::string_view page, PageKind kind) {
  const size_t lower = Load16(page, kLowerAt);
  const size_t upper = Load16(page, kUpperAt);
  if (lower <= kPageHeaderBytes || lower % kPlaceBytes != 0 || lower > upper || upper > page.size()) {
    return At(kLowerAt, absl::StrCat("free space from ", lower, " to ", upper, " cannot be"));
  }
  std::vector<std::pair<size_t, size_t>> nodes;  // place of the node, place of its place
  for (size_t place = kPageHeaderBytes; place < lower; place += kPlaceBytes) {
    const size_t at = Load16(page, place);
    if (at < upper || at % 2 != 0 || at + kNodeHeaderBytes > page.size()) {
      return At(place, absl::StrCat("a node at ", at, " cannot be"));
    }
    if (auto fault = CheckNode(page, at, kind, place == kPageHeaderBytes)) return fault;
    nodes.emplace_back(at, place);
  }
  std::sort(nodes.begin(), nodes.end());
  size_t expected = upper;
  for (const auto& [at, place] : nodes) {
    if (at != expected) return At(place, absl::StrCat("a node at ", at, " where one at ", expected, " is"));
    expected = at + NodeBytes(page, at, kind);
    if (expected > page.size()) return At(at, "a node that reaches beyond its page");
  }
  if (expected != page.size()) return At(kUpperAt, absl::StrCat("nodes end at ", expected));
  return std::nullopt;
}

std::optional<PageFault> CheckRoot(const TreeRoot& tree, size_t at, uint16_t flags, PageNumber last_page) {
  constexpr uint16_t kDeepest = 32;
  if (tree.flags != flags) return At(at + 4, absl::StrCat("a tree with the unknown flags ", tree.flags));
  const bool rooted = tree.root >= kMetaPages && tree.root <= last_page;
  if (!tree.empty() && !rooted) return At(at + 40, absl::StrCat("a tree's root at page ", tree.root));
  if (tree.depth > kDeepest || tree.empty() != (tree.depth == 0)) {
    return At(at + 6, absl::StrCat("a tree of depth ", tree.depth));
  }
  return std::nullopt;
}

}  // namespace

uint16_t Load16(std::string_view bytes, size_t at) {
  uint16_t value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}
uint32_t Load32(std::string_view bytes, size_t at) {
  uint32_t value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}
uint64_t Load64(std::string_view bytes, size_t at) {
  uint64_t value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

TreeRoot DecodeTreeRoot(std::string_view stored) {
  return {.flags = Load16(stored, 4),
          .depth = Load16(stored, 6),
          .branch_pages = Load64(stored, 8),
          .leaf_pages = Load64(stored, 16),
          .overflow_pages = Load64(stored, 24),
          .entries = Load64(stored, 32),
          .root = Load64(stored, 40)};
}

std::optional<Meta> DecodeMeta(std::string_view page, PageNumber number, PageFault& fault) {
  constexpr size_t kAt = kPageHeaderBytes;
  if (page.size() < kAt + Meta::kStoredBytes) {
    fault = At(0, "the file ends before it");
    return std::nullopt;
  }
  if (auto found = CheckHeader(page, number, PageKind::kMeta)) {
    fault = *std::move(found);
    return std::nullopt;
  }
  if (Load32(page, kAt) != kMagic || Load32(page, kAt + 4) != kVersion) {
    fault = At(kAt, "not LMDB's mark and version");
    return std::nullopt;
  }
  const Meta meta{.page_bytes = Load32(page, kAt + 24),
                  .map_bytes = Load64(page, kAt + 16),
                  .free_list = DecodeTreeRoot(page.substr(kAt + 24)),
                  .main = DecodeTreeRoot(page.substr(kAt + 72)),
                  .last_page = Load64(page, kAt + 120),
                  .transaction = Load64(page, kAt + 128)};
  std::optional<PageFault> found;
  if (!std::has_single_bit(meta.page_bytes) || meta.page_bytes < kSmallestPage ||
      meta.page_bytes > kLargestPage) {
    found = At(kAt + 24, absl::StrCat("pages of ", meta.page_bytes, " bytes"));
  } else if (meta.last_page < kMetaPages - 1 || meta.last_page >= meta.map_bytes / meta.page_bytes) {
    found = At(kAt + 120,
               absl::StrCat("a last page ", meta.last_page, " in a map of ", meta.map_bytes, " bytes"));
  } else if (meta.transaction > 1 && meta.transaction % kMetaPages != number) {
    found = At(kAt + 128, absl::StrCat("transaction ", meta.transaction, " belongs in the other meta page"));
  }
  const uint16_t free_list_flags = kIntegerKeys | (meta.free_list.flags & kMadeWithoutFolder);
  if (!found) found = CheckRoot(meta.free_list, kAt + 24, free_list_flags, meta.last_page);
  if (!found) found = CheckRoot(meta.main, kAt + 72, 0, meta.last_page);
  if (!found) return meta;
  fault = *std::move(found);
  return std::nullopt;
}

size_t NodeCount(std::string_view page) { return (Load16(page, kLowerAt) - kPageHeaderBytes) / kPlaceBytes; }

uint64_t OverflowPages(std::string_view page) { return Load32(page, kLowerAt); }

Node NodeAt(std::string_view page, size_t index, PageKind kind) {
  Node node;
  node.at = Load16(page, kPageHeaderBytes + kPlaceBytes * index);
  const size_t key_bytes = Load16(page, node.at + kKeyBytesAt);
  const uint16_t flags = Load16(page, node.at + kNodeFlagsAt);
  node.key = page.substr(node.at + kNodeHeaderBytes, key_bytes);
  if (kind == PageKind::kBranch) {
    node.child = Load32(page, node.at) | (PageNumber{flags} << 32);
    return node;
  }
  const size_t value_at = node.at + kNodeHeaderBytes + key_bytes;
  node.value_bytes = Load32(page, node.at);
  node.is_tree = flags == kTreeValue;
  if (flags == kBigValue) {
    node.overflow = Load64(page, value_at);
  } else {
    node.value = page.substr(value_at, node.value_bytes);
  }
  return node;
}

std::vector<Node> NodesOfDamagedLeaf(std::string_view page) {
  // Beyond what the header says, deleted nodes still stand, whole and with right checksums.
  const size_t lower = Load16(page, kLowerAt);
  const size_t upper = Load16(page, kUpperAt);
  const bool ends = lower > kPageHeaderBytes && lower % kPlaceBytes == 0 && lower <= page.size();
  const size_t first_node = upper >= kPageHeaderBytes && upper <= page.size() ? upper : kPageHeaderBytes;
  size_t lowest = page.size();
  std::vector<Node> nodes;
  for (size_t place = kPageHeaderBytes; place + kPlaceBytes <= std::min(ends ? lower : lowest, lowest);
       place += kPlaceBytes) {
    const size_t at = Load16(page, place);
    if (at < std::max(place, first_node) || at + kNodeHeaderBytes > page.size()) continue;
    if (CheckNode(page, at, PageKind::kLeaf, false)) continue;
    if (at + NodeBytes(page, at, PageKind::kLeaf) > page.size()) continue;
    lowest = std::min(lowest, at);
    nodes.push_back(NodeAt(page, (place - kPageHeaderBytes) / kPlaceBytes, PageKind::kLeaf));
  }
  return nodes;
}

std::optional<PageFault> CheckPage(std::string_view page, PageNumber number, PageKind kind,
                                   uint64_t value_bytes) {
  if (auto fault = CheckHeader(page, number, kind)) return fault;
  if (kind != PageKind::kOverflow) return CheckNodes(page, kind);
  if (OverflowPages(page) * page.size() < kPageHeaderBytes + value_bytes) {
    return At(kLowerAt, absl::StrCat(OverflowPages(page), " pages for a value of ", value_bytes, " bytes"));
  }
  return std::nullopt;
}

}  // namespace holdfast::storage::pages
