#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "resp/reply.h"
#include "tests/differential/random_requests.h"
#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"

// Several clients wait while another one changes keys: the engine and a real Redis serve the same ones, with
// the same elements, at the same step.
namespace holdfast::differential {
namespace {

constexpr int kSteps = 1500;
const std::array<std::string, 4> kWorkers = {"w1", "w2", "w3", "w4"};

std::string Joined(const std::vector<resp::Reply>& replies) {
  std::string shown;
  for (const resp::Reply& reply : replies) shown += resp::FormatReply(reply) + "\n";
  return shown;
}

class BlockingDifferentialTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    oracle_ = harness::Oracle::Get();
    if (oracle_ == nullptr) GTEST_SKIP() << "no redis-check-rdb (package redis-tools)";
    redis_ = std::make_unique<harness::OracleClient>(oracle_->port());
    (void)redis_->Ask({"FLUSHALL"});
    for (auto& worker : redis_workers_) worker = std::make_unique<harness::OracleClient>(oracle_->port());
  }

  // Whether both say the same to the worker; an answer sets it free.
  void CompareWorker(size_t i, const std::string& what) {
    const std::string ours = Joined(server_.client(kWorkers[i]).Take());
    const std::string theirs = Joined(redis_workers_[i]->Take(0));
    ASSERT_EQ(ours, theirs) << kWorkers[i] << " after " << what;
    if (!ours.empty()) waiting_[i] = false;
  }

  // The first answer means that all requests before have been run, the second that their replies were sent.
  void Settle() {
    (void)redis_->Ask({"PING"});
    (void)redis_->Ask({"PING"});
  }

  void CompareWorkers(const std::string& what) {
    for (size_t i = 0; i < kWorkers.size(); ++i) CompareWorker(i, what);
  }

  void Wait(size_t i, const std::vector<std::string>& request) {
    waiting_[i] = true;
    server_.Send(kWorkers[i], request);
    redis_workers_[i]->Send(request);
    Settle();
    CompareWorkers(kWorkers[i] + " " + request[0] + " " + request[1]);
  }

  harness::Oracle* oracle_ = nullptr;
  harness::EngineHarness server_;
  std::unique_ptr<harness::OracleClient> redis_;
  std::array<std::unique_ptr<harness::OracleClient>, kWorkers.size()> redis_workers_;
  std::array<bool, kWorkers.size()> waiting_{};
};

TEST_P(BlockingDifferentialTest, ServesWhomTheOracleServes) {
  RandomRequests requests(static_cast<uint64_t>(GetParam()));
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()));
  for (int step = 0; step < kSteps && !HasFatalFailure(); ++step) {
    const size_t worker = random() % kWorkers.size();
    if (!waiting_[worker] && random() % 2 == 0) {
      Wait(worker, requests.NextBlocking());
      continue;
    }
    const std::vector<std::string> request = requests.NextFeeding();
    server_.Send("main", request);
    (void)redis_->Ask(request);
    (void)server_.client("main").Take();
    Settle();
    std::string what;
    for (const std::string& word : request) what += resp::Quoted(word) + " ";
    CompareWorkers(what);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BlockingDifferentialTest, testing::Range(100, 112));

}  // namespace
}  // namespace holdfast::differential
