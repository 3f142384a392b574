#include "tests/transcripts/stages.h"

#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "resp/reply.h"

namespace holdfast::transcripts {
namespace {

std::string ArgumentOf(const std::vector<std::string>& words) {
  return words.size() > 1 ? words[1] : std::string("main");
}

std::string Join(const std::vector<resp::Reply>& replies) {
  std::string shown;
  for (const resp::Reply& reply : replies) {
    if (!shown.empty()) shown += '\n';
    shown += resp::FormatReply(reply);
  }
  return shown;
}

}  // namespace

void InProcessStage::Send(const std::string& client, const std::vector<std::string>& words) {
  server_.Send(client, words);
}

std::string InProcessStage::Take(const std::string& client, size_t) { return server_.Take(client); }

bool InProcessStage::Direct(const std::vector<std::string>& words) {
  const std::string& what = words[0];
  if (what == "advance") {
    absl::Duration duration;
    EXPECT_TRUE(absl::ParseDuration(ArgumentOf(words), &duration));
    server_.Advance(duration);
  } else if (what == "resp3") {
    (void)server_.Run(ArgumentOf(words), "HELLO 3");
  } else if (what == "disconnect") {
    server_.Disconnect(ArgumentOf(words));
  } else if (what == "die") {
    server_.client(ArgumentOf(words)).Die();
  } else if (what == "restart" || what == "crash") {
    // Each turn of this store is durable at once: a crash leaves what a clean end leaves.
    server_.Restart();
  } else if (what == "full") {
    server_.store().set_admission(storage::Admission::kFull);
  } else if (what == "drained") {
    server_.store().set_admission(storage::Admission::kOpen);
  } else {
    ADD_FAILURE() << "unknown directive @" << what;
  }
  return true;
}

OracleStage::OracleStage(harness::Oracle& oracle) : oracle_(oracle) {
  for (const std::vector<std::string>& reset : {std::vector<std::string>{"FLUSHALL"},
                                                {"SCRIPT", "FLUSH"},
                                                {"FUNCTION", "FLUSH"},
                                                {"CONFIG", "RESETSTAT"}}) {
    EXPECT_EQ(resp::FormatReply(client("main").Ask(reset)), "OK");
  }
}

harness::OracleClient& OracleStage::client(const std::string& name) {
  std::unique_ptr<harness::OracleClient>& client = clients_[name];
  if (client == nullptr) client = std::make_unique<harness::OracleClient>(oracle_.port());
  return *client;
}

void OracleStage::Send(const std::string& name, const std::vector<std::string>& words) {
  client(name).Send(words);
  Settle();
}

void OracleStage::Settle() { (void)client("settle").Ask({"PING"}); }

std::string OracleStage::Take(const std::string& name, size_t wanted_lines) {
  // A reply has at least one line, so the first is waited for, and the others while they are missing.
  std::string shown = Join(client(name).Take(wanted_lines == 0 ? 0 : 1));
  while (static_cast<size_t>(std::count(shown.begin(), shown.end(), '\n')) + 1 < wanted_lines) {
    const std::string more = Join(client(name).Take(1, std::chrono::milliseconds(500)));
    if (more.empty()) break;
    shown += "\n" + more;
  }
  return shown;
}

bool OracleStage::Direct(const std::vector<std::string>& words) {
  if (words[0] == "resp3") {
    (void)client(ArgumentOf(words)).Ask({"HELLO", "3"});
    return true;
  }
  if (words[0] == "disconnect") {
    clients_.erase(ArgumentOf(words));
    Settle();
    return true;
  }
  return false;
}

}  // namespace holdfast::transcripts
