#include "tests/harness/test_client.h"

#include <gtest/gtest.h>

#include <utility>

namespace holdfast::harness {

std::vector<resp::Reply> TestClient::Take() {
  resp::ReplyParser parser;
  parser.Feed(bytes_);
  bytes_.clear();
  std::vector<resp::Reply> replies;
  resp::Reply reply;
  while (parser.Next(reply) == resp::ReplyParser::Result::kReply) replies.push_back(std::move(reply));
  EXPECT_EQ(parser.error(), "");
  EXPECT_EQ(parser.pending_bytes(), 0u) << "half a reply was sent";
  return replies;
}

void TestClient::Send(std::string_view bytes) {
  if (reading_) {
    bytes_ += bytes;
  } else {
    unsent_ += bytes.size();
  }
}

}  // namespace holdfast::harness
