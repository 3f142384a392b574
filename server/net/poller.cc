#include "server/net/poller.h"

#include <algorithm>
#include <utility>

namespace holdfast::server::net {
namespace {

uint32_t Wanted(Poller::Interest interest) {
  return EPOLLIN | EPOLLRDHUP | EPOLLET | (interest == Poller::Interest::kRead ? 0U : EPOLLOUT);
}

}  // namespace

Poller::Poller(boost::asio::io_context& io) : descriptor_(io, epoll_create1(EPOLL_CLOEXEC)) {}

void Poller::Add(int socket, Handler& handler) {
  epoll_event event{.events = Wanted(Interest::kRead), .data = {.ptr = &handler}};
  epoll_ctl(descriptor_.native_handle(), EPOLL_CTL_ADD, socket, &event);
}

void Poller::Change(int socket, Handler& handler, Interest interest) {
  epoll_event event{.events = Wanted(interest), .data = {.ptr = &handler}};
  epoll_ctl(descriptor_.native_handle(), EPOLL_CTL_MOD, socket, &event);
}

void Poller::Remove(int socket, const Handler& handler) {
  epoll_ctl(descriptor_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (size_t i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &handler) events_[i].data.ptr = nullptr;
  }
}

bool Poller::RunOne() {
  if (spent()) {
    next_ = 0;
    const int ready = epoll_wait(descriptor_.native_handle(), events_.data(), kMost, 0);
    count_ = static_cast<size_t>(std::max(ready, 0));
  }
  while (next_ < count_) {
    const epoll_event event = events_[next_++];
    if (event.data.ptr == nullptr) continue;
    const bool ended = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    static_cast<Handler*>(event.data.ptr)
        ->OnReady(ended || (event.events & EPOLLIN) != 0, ended || (event.events & EPOLLOUT) != 0, ended);
    return true;
  }
  return false;
}

void Poller::WakeLoop() {
  if (std::exchange(waking_, true)) return;
  descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this](const boost::system::error_code& error) {
                           if (!error) waking_ = false;
                         });
}

}  // namespace holdfast::server::net
