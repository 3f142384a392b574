#pragma once

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/harness/engine_harness.h"

namespace holdfast::server::engine {

// A server whose disk is full when the test says so.
class FullDiskServer : public testing::Test {
 protected:
  // With a reserve of so many bytes, of which a tenth is for bookkeeping.
  void Fill(uint64_t reserve = 100 << 20, storage::DiskLevel level = storage::DiskLevel::kFull) {
    server_.store().set_admission(storage::Admission::kFull);
    server_.store().set_disk({.level = level,
                              .used_bytes = 950 << 20,
                              .limit_bytes = (900 << 20) + reserve,
                              .full_bytes = 900 << 20});
  }
  void Drain() {
    server_.store().set_admission(storage::Admission::kOpen);
    server_.store().set_disk({});
    server_.Advance(absl::Seconds(1));
  }
  std::string Run(const std::vector<std::string>& words) {
    server_.Send("main", words);
    return server_.Take("main");
  }
  // All of them in one MULTI; EXEC's reply.
  std::string RunAll(const std::vector<std::vector<std::string>>& commands) {
    (void)Run({"MULTI"});
    for (const auto& words : commands) EXPECT_EQ(Run(words), "QUEUED");
    return Run({"EXEC"});
  }
  static std::string Job(const std::string& id, const std::string& more = "") {
    return R"({"class":"Mail","args":[],"queue":"default","created_at":1700000000.123456,"jid":")" + id +
           "\"" + more + "}";
  }

  harness::EngineHarness server_;
};

}  // namespace holdfast::server::engine
