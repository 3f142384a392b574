#include "server/engine/acl_log.h"

#include <algorithm>
#include <utility>

namespace holdfast::server::engine {
namespace {

using command::AclLogEntry;

// Redis's own bounds.
constexpr size_t kSearched = 10;
constexpr absl::Duration kTogether = absl::Minutes(1);

bool AreAlike(const AclLogEntry& a, const AclLogEntry& b) {
  return a.reason == b.reason && a.context == b.context && a.object == b.object && a.user == b.user &&
         absl::AbsDuration(a.updated - b.updated) <= kTogether;
}

}  // namespace

void AclLog::Add(AclLogEntry entry, size_t most) {
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(std::min(kSearched, entries_.size()));
  const auto alike =
      std::find_if(entries_.begin(), end, [&](const AclLogEntry& known) { return AreAlike(known, entry); });
  if (alike != end) {
    entry.id = alike->id;
    entry.count = alike->count + 1;
    entry.created = alike->created;
    entries_.erase(alike);
    entries_.push_front(std::move(entry));
    return;
  }
  entry.id = next_id_++;
  entry.created = entry.updated;
  entries_.push_front(std::move(entry));
  if (entries_.size() > most) entries_.resize(most);
}

std::vector<const AclLogEntry*> AclLog::entries() const {
  std::vector<const AclLogEntry*> all;
  all.reserve(entries_.size());
  for (const AclLogEntry& entry : entries_) all.push_back(&entry);
  return all;
}

}  // namespace holdfast::server::engine
