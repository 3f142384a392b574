#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <string>

#include "server/engine/process.h"

namespace holdfast::server::net {

// Lines about connections that failed, few enough that strangers who knock all day do not fill the disk: the
// first is written, those of the next ten seconds are counted.
//
// One thread, that of `io`.
class FailureLog {
 public:
  // Both must outlive the log.
  FailureLog(boost::asio::io_context& io, engine::Process& process) : process_(process), quiet_(io) {}

  void Add(const std::string& line);

 private:
  engine::Process& process_;
  boost::asio::steady_timer quiet_;
  bool is_quiet_ = false;
  size_t unsaid_ = 0;
};

}  // namespace holdfast::server::net
