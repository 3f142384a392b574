#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "resp/reply.h"
#include "tests/differential/random_requests.h"
#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"

// Random requests to the engine and to a real Redis: the same replies, in RESP2 and RESP3.
namespace holdfast::differential {
namespace {

constexpr int kRequests = 3000;

void SortElements(resp::Reply& reply) {
  std::sort(reply.elements.begin(), reply.elements.end(),
            [](const resp::Reply& a, const resp::Reply& b) { return a.text < b.text; });
}

std::string Joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += resp::Quoted(word) + " ";
  return line;
}

// Puts replies without order into one: of a request, and of those that MULTI has queued.
class Order {
 public:
  void Apply(const RandomRequest& request, resp::Reply& ours, resp::Reply& theirs) {
    if (request.words[0] == "EXEC") {
      for (size_t i = 0; i < queued_.size(); ++i) {
        if (!queued_[i] || i >= ours.elements.size() || i >= theirs.elements.size()) continue;
        SortElements(ours.elements[i]);
        SortElements(theirs.elements[i]);
      }
    }
    if (theirs.text == "QUEUED") {
      queued_.push_back(request.unordered);
    } else if (request.words[0] == "EXEC" || request.words[0] == "DISCARD") {
      queued_.clear();
    } else if (request.unordered) {
      SortElements(ours);
      SortElements(theirs);
    }
  }

 private:
  std::vector<bool> queued_;
};

class DifferentialTest : public testing::TestWithParam<int> {};

TEST_P(DifferentialTest, AgreesWithTheOracle) {
  harness::Oracle* oracle = harness::Oracle::Get();
  if (oracle == nullptr) GTEST_SKIP() << "no redis-check-rdb (package redis-tools)";
  harness::OracleClient redis(oracle->port());
  harness::EngineHarness server;
  (void)redis.Ask({"FLUSHALL"});
  if (GetParam() % 2 == 1) {
    (void)redis.Ask({"HELLO", "3"});
    (void)server.Run("HELLO 3");
  }
  RandomRequests requests(static_cast<uint64_t>(GetParam()));
  Order order;
  for (int i = 0; i < kRequests; ++i) {
    const RandomRequest request = requests.Next();
    server.Send("main", request.words);
    std::vector<resp::Reply> ours = server.client("main").Take();
    ASSERT_EQ(ours.size(), 1u) << Joined(request.words);
    resp::Reply theirs = redis.Ask(request.words);
    order.Apply(request, ours[0], theirs);
    ASSERT_EQ(resp::FormatReply(ours[0]), resp::FormatReply(theirs))
        << "request " << i << ": " << Joined(request.words);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DifferentialTest, testing::Range(0, 16));

}  // namespace
}  // namespace holdfast::differential
