#include "server/engine/event_classes.h"

#include <gtest/gtest.h>

namespace holdfast::server::engine {
namespace {

std::string Normal(std::string_view letters) {
  const auto choice = ParseEventChoice(letters);
  return choice ? FormatEventChoice(*choice) : "refused";
}

TEST(EventClassesTest, LettersHaveOneOrder) {
  EXPECT_EQ(Normal(""), "");
  EXPECT_EQ(Normal("KEx"), "xKE");
  EXPECT_EQ(Normal("mEzg$"), "g$zEm");
  EXPECT_EQ(Normal("d$glshzxet"), "A");
  EXPECT_EQ(Normal("Anm"), "Anm");
  EXPECT_EQ(Normal("q"), "refused");
}

TEST(EventClassesTest, WithoutAChannelNothingIsNoted) {
  EXPECT_EQ(ClassesOf(*ParseEventChoice("A")), 0U);
  EXPECT_EQ(ClassesOf(*ParseEventChoice("Kl")), static_cast<uint32_t>(storage::EventClass::kList));
}

}  // namespace
}  // namespace holdfast::server::engine
