#include "storage/job_identity.h"

#include <string>

#include "gtest/gtest.h"

namespace holdfast::storage {
namespace {

const JobIdentity& Jobs() {
  static const JobIdentity& jobs = *new JobIdentity(
      {.ids = {"jid", "correlation_id"}, .returns = {"retry_count", "failed_at"}, .envelopes = {"payload"}});
  return jobs;
}

TEST(JobIdentityTest, IsTheIdHoweverThePayloadChanges) {
  const uint64_t job = Jobs().Of(R"({"class":"A","args":[1],"jid":"a1"})");
  EXPECT_EQ(job, Jobs().Of(R"({"jid" : "a1", "class":"A", "error_message":"x"})"));
  EXPECT_EQ(job, Jobs().OfNamed(R"([{"jid":"a1"},"",""])"));
  EXPECT_NE(job, Jobs().Of(R"({"class":"A","args":[1],"jid":"a2"})"));
  EXPECT_EQ(Jobs().Of(R"({"jid":17})"), Jobs().Of(R"({"a":0,"jid":17})"));
}

TEST(JobIdentityTest, OtherBytesAreTheirOwn) {
  EXPECT_EQ(Jobs().Of("17"), Jobs().Of("17"));
  EXPECT_NE(Jobs().Of("17"), Jobs().Of("18"));
  EXPECT_FALSE(Jobs().OfNamed("17").has_value());
  EXPECT_FALSE(Jobs().OfNamed(R"({"class":"A"})").has_value());
  EXPECT_NE(Jobs().Of("a1"), Jobs().Of(R"({"jid":"a1"})"));
}

TEST(JobIdentityTest, TheTopmostFieldCounts) {
  const uint64_t job = Jobs().Of(R"({"jid":"a1"})");
  EXPECT_EQ(job, Jobs().Of(R"({"args":[{"jid":"inner"}],"jid":"a1"})"));
  EXPECT_EQ(job, Jobs().Of(R"({"jid":"a1","args":[{"jid":"inner"}]})"));
  EXPECT_EQ(job, Jobs().Of(R"({"args":["\"jid\":\"x\"","}"],"jid":"a1"})"));
  EXPECT_EQ(job, Jobs().Of(R"({"args":["jid"],"jid":"a1"})"));
  EXPECT_EQ(job, Jobs().Of(R"({"args":[{"jid":"inner"},"]}\\"],"jid":"a1"})"));
}

TEST(JobIdentityTest, AnEnvelopeIsTheJobInIt) {
  const std::string job = R"({"class":"R","args":[{"a":"}"}]})";
  EXPECT_EQ(Jobs().Of(job), Jobs().Of(R"({"failed_at":"now","payload": )" + job + R"(,"exception":"E"})"));
  EXPECT_NE(Jobs().Of(job), Jobs().Of(R"({"failed_at":"now","payload":{"class":"S"}})"));
  EXPECT_FALSE(Jobs().OfNamed(R"({"payload":"text"})").has_value());
}

TEST(JobIdentityTest, ReturnsShowThatTheyWereOut) {
  EXPECT_TRUE(Jobs().IsReturn(R"({"jid":"a","retry_count":0})"));
  EXPECT_TRUE(Jobs().IsReturn(R"({"failed_at":1.5,"jid":"a"})"));
  EXPECT_TRUE(Jobs().IsReturn(R"({"failed_at":"x","payload":{"class":"R"}})"));
  EXPECT_FALSE(Jobs().IsReturn(R"({"jid":"a"})"));
  EXPECT_FALSE(Jobs().IsReturn(R"({"retry_count":0})"));
  EXPECT_FALSE(Jobs().IsReturn(R"({"jid":"a","args":["retry_count"]})"));
  EXPECT_FALSE(Jobs().IsReturn(R"({"jid":"a","args":[{"retry_count":1}]})"));
}

TEST(JobIdentityTest, BrokenPayloadsAreRead) {
  const std::string payload = R"({"a":"\\\"","jid":"a1","payload":{"b":[{}]},"retry_count":12,"jid":"z"})";
  for (size_t length = 0; length <= payload.size(); ++length) {
    const std::string cut = payload.substr(0, length);
    EXPECT_EQ(Jobs().Of(cut), Jobs().Of(cut));
    (void)Jobs().IsReturn(cut);
    (void)Jobs().Of(payload.substr(length));
  }
  EXPECT_FALSE(Jobs().OfNamed(R"({"jid":)").has_value());
  EXPECT_FALSE(Jobs().OfNamed(R"({"jid":"")").has_value());
  EXPECT_FALSE(Jobs().OfNamed(R"({"jid":"never ends)").has_value());
  EXPECT_FALSE(Jobs().OfNamed(R"({"payload":{"never":"ends)").has_value());
}

}  // namespace
}  // namespace holdfast::storage
