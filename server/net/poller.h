#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>

namespace holdfast::server::net {

// Which connections are ready: an epoll set of their own, itself one descriptor of the io_context, so that a
// connection is registered once. (Asio's async_wait makes a system call for every wait, which is one for
// every request of a client that does not pipeline.) Edge-triggered: a handler hears of new input once, and
// reads until the socket is dry, or remembers that it has not; epoll(7).
//
//   Poller poller(io);
//   poller.Add(socket, handler);
//   while (poller.RunOne()) {}     // handlers of what is ready, without waiting
//   poller.WakeLoop();             // then wait in the io_context: readiness ends the wait
//
// One thread, the loop's.
class Poller {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    // `ended`: the peer has closed its side, or the socket is broken; there may still be input.
    virtual void OnReady(bool readable, bool writable, bool ended) = 0;
  };

  explicit Poller(boost::asio::io_context& io);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Reports input, an end and errors of `socket`, and with kReadAndWrite also that it takes bytes again.
  enum class Interest : uint8_t { kRead, kReadAndWrite };
  void Add(int socket, Handler& handler);
  void Change(int socket, Handler& handler, Interest interest);
  // The handler hears nothing any more, not even what is known already.
  void Remove(int socket, const Handler& handler);

  // Calls the handler of one ready socket; false when none is ready. A handler may call it.
  bool RunOne();
  // Whether RunOne would have to ask the system first.
  [[nodiscard]] bool spent() const { return next_ == count_; }
  // Lets the next readiness end the io_context's wait.
  void WakeLoop();

 private:
  static constexpr size_t kMost = 256;

  boost::asio::posix::stream_descriptor descriptor_;
  bool waking_ = false;
  std::array<epoll_event, kMost> events_{};
  size_t next_ = 0;
  size_t count_ = 0;
};

}  // namespace holdfast::server::net
