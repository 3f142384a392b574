#include "server/engine/outbox.h"

#include <utility>

namespace holdfast::server::engine {
namespace {

// An idle client keeps no more than this.
constexpr size_t kKeptCapacity = 1024;

}  // namespace

void Outbox::Seal(uint64_t turn) {
  if (open_.empty()) return;
  sealed_bytes_ += open_.size();
  sealed_.push_back({turn, std::exchange(open_, {})});
}

void Outbox::SendOpen(Connection& connection) {
  connection.Send(open_);
  open_.clear();
  if (open_.capacity() > kKeptCapacity) open_.shrink_to_fit();
}

void Outbox::Release(uint64_t turn, Connection& connection) {
  auto next = sealed_.begin();
  for (; next != sealed_.end() && next->turn <= turn; ++next) {
    connection.Send(next->bytes);
    sealed_bytes_ -= next->bytes.size();
  }
  sealed_.erase(sealed_.begin(), next);
}

void Outbox::Drop() {
  open_ = {};
  sealed_.clear();
  sealed_bytes_ = 0;
}

}  // namespace holdfast::server::engine
