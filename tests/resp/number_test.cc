#include "resp/number.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace holdfast::resp {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ParseIntegerTest, TakesTheWholeRange) {
  EXPECT_THAT(ParseInteger("0"), Optional(0));
  EXPECT_THAT(ParseInteger("7"), Optional(7));
  EXPECT_THAT(ParseInteger("-1"), Optional(-1));
  EXPECT_THAT(ParseInteger("9223372036854775807"), Optional(std::numeric_limits<int64_t>::max()));
  EXPECT_THAT(ParseInteger("-9223372036854775808"), Optional(std::numeric_limits<int64_t>::min()));
}

TEST(ParseIntegerTest, RefusesEverythingButPlainDecimals) {
  for (std::string_view text :
       {"", "-", "+1", " 1", "1 ", "01", "-0", "-01", "00", "1a", "0x10", "1.0", "1e3", "--1", "abc"}) {
    EXPECT_THAT(ParseInteger(text), Eq(std::nullopt)) << text;
  }
  EXPECT_THAT(ParseInteger(std::string_view("1\0", 2)), Eq(std::nullopt));
}

TEST(ParseIntegerTest, RefusesOverflow) {
  EXPECT_THAT(ParseInteger("9223372036854775808"), Eq(std::nullopt));
  EXPECT_THAT(ParseInteger("-9223372036854775809"), Eq(std::nullopt));
  EXPECT_THAT(ParseInteger("99999999999999999999999"), Eq(std::nullopt));
}

TEST(ParseDoubleTest, TakesEveryFormOfStrtod) {
  EXPECT_THAT(ParseDouble("3"), Optional(3.0));
  EXPECT_THAT(ParseDouble("+3.25"), Optional(3.25));
  EXPECT_THAT(ParseDouble("-.5"), Optional(-0.5));
  EXPECT_THAT(ParseDouble("5."), Optional(5.0));
  EXPECT_THAT(ParseDouble("007"), Optional(7.0));
  EXPECT_THAT(ParseDouble("1e3"), Optional(1000.0));
  EXPECT_THAT(ParseDouble("1E-3"), Optional(0.001));
  EXPECT_THAT(ParseDouble("0x1p4"), Optional(16.0));
  EXPECT_THAT(ParseDouble("-0X.8"), Optional(-0.5));
  EXPECT_THAT(ParseDouble("0xff"), Optional(255.0));
  EXPECT_THAT(ParseDouble("5e-324"), Optional(std::numeric_limits<double>::denorm_min()));
}

TEST(ParseDoubleTest, TakesInfinityInAnyCase) {
  for (std::string_view text : {"inf", "+inf", "INF", "Infinity", "+INFINITY"}) {
    EXPECT_THAT(ParseDouble(text), Optional(kInfinity)) << text;
  }
  EXPECT_THAT(ParseDouble("-inf"), Optional(-kInfinity));
  EXPECT_THAT(ParseDouble("-iNfInItY"), Optional(-kInfinity));
}

TEST(ParseDoubleTest, KeepsTheSignOfZero) {
  ASSERT_THAT(ParseDouble("-0"), Optional(0.0));
  EXPECT_TRUE(std::signbit(*ParseDouble("-0")));
}

TEST(ParseDoubleTest, RefusesWhatIsNotWhollyANumber) {
  for (std::string_view text :
       {"",     "-",     "+",    ".",    "e5",    "1e",   "1e+",    " 1",     "1 ",   "+-1",
        "--1",  "++1",   "-+1",  "1,5",  "nan",   "-nan", "nan(1)", "0x",     "0x-1", "0xinf",
        "0xp1", "0xnan", "infx", "0x+1", "1.5.5", "1e5e", "1\n",    "infinit"}) {
    EXPECT_THAT(ParseDouble(text), Eq(std::nullopt)) << text;
  }
  EXPECT_THAT(ParseDouble(std::string_view("1\0", 2)), Eq(std::nullopt));
}

TEST(ParseDoubleTest, RefusesWhatIsOutOfRange) {
  EXPECT_THAT(ParseDouble("1e400"), Eq(std::nullopt));
  EXPECT_THAT(ParseDouble("-1e400"), Eq(std::nullopt));
  EXPECT_THAT(ParseDouble("1e-400"), Eq(std::nullopt));
  EXPECT_THAT(ParseDouble("0x1p1025"), Eq(std::nullopt));
}

TEST(ParseLongDoubleTest, HasMoreRangeAndPrecisionThanDouble) {
  EXPECT_THAT(ParseLongDouble("1e400"), Optional(1e400L));
  EXPECT_THAT(ParseLongDouble("0.1"), Optional(0.1L));
  EXPECT_THAT(ParseLongDouble("-17179869184"), Optional(-17179869184.0L));
  EXPECT_THAT(ParseLongDouble("+inf"), Optional(std::numeric_limits<long double>::infinity()));
}

TEST(ParseLongDoubleTest, RefusesWhatDoubleRefuses) {
  for (std::string_view text : {"", "nan", " 1", "1 ", "1e5000", "1e-5000", "abc", "+-1"}) {
    EXPECT_THAT(ParseLongDouble(text), Eq(std::nullopt)) << text;
  }
}

TEST(ParseLongDoubleTest, ReadsNothingBehindTheText) {
  for (const std::string_view text : {"inf", "nan", "1e5", "infinity"}) {
    // Not one byte more belongs to it: AddressSanitizer watches.
    const std::vector<char> alone(text.begin(), text.end());
    EXPECT_EQ(ParseLongDouble({alone.data(), alone.size()}), ParseLongDouble(text)) << text;
  }
}

TEST(ParseLongDoubleTest, RefusesTextsOf5KilobytesAsRedisDoes) {
  EXPECT_THAT(ParseLongDouble(std::string(5119, '0')), Optional(0.0L));
  EXPECT_THAT(ParseLongDouble(std::string(5120, '0')), Eq(std::nullopt));
}

struct FormatCase {
  double value;
  std::string_view text;
};

class FormatDoubleTest : public testing::TestWithParam<FormatCase> {};

TEST_P(FormatDoubleTest, PrintsAsRedis72) { EXPECT_EQ(FormatDouble(GetParam().value), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(WholeNumbers, FormatDoubleTest,
                         testing::Values(FormatCase{0.0, "0"}, FormatCase{-0.0, "-0"}, FormatCase{3, "3"},
                                         FormatCase{-1, "-1"}, FormatCase{1e15, "1000000000000000"},
                                         FormatCase{1e18, "1000000000000000000"},
                                         FormatCase{4611686018427387904.0, "4611686018427387904"},
                                         FormatCase{-4611686018427387904.0, "-4611686018427387904"},
                                         FormatCase{1732270800, "1732270800"}));

// Above 2^62 the shortest digits are padded with at most seven zeros.
INSTANTIATE_TEST_SUITE_P(HugeNumbers, FormatDoubleTest,
                         testing::Values(FormatCase{5e18, "5e+18"}, FormatCase{1e21, "1e+21"},
                                         FormatCase{-1e21, "-1e+21"}, FormatCase{1.5e300, "1.5e+300"},
                                         FormatCase{9223372036854775808.0, "9223372036854776000"},
                                         FormatCase{12345678901234567e5, "1234567890123456800000"},
                                         FormatCase{1.7976931348623157e308, "1.7976931348623157e+308"}));

INSTANTIATE_TEST_SUITE_P(Fractions, FormatDoubleTest,
                         testing::Values(FormatCase{0.1, "0.1"}, FormatCase{0.2 + 0.1, "0.30000000000000004"},
                                         FormatCase{-1.5, "-1.5"}, FormatCase{3.14159, "3.14159"},
                                         FormatCase{1795337540.4021392, "1.7953375404021392e+9"},
                                         FormatCase{1732270800.125, "1732270800.125"},
                                         FormatCase{1732270800.123456, "1732270800.123456"},
                                         FormatCase{1732270800.1234567, "1.7322708001234567e+9"},
                                         FormatCase{0.000001, "0.000001"}, FormatCase{0.0000001, "1e-7"},
                                         FormatCase{0.00123456789, "0.00123456789"},
                                         FormatCase{0.000123456789, "1.23456789e-4"},
                                         FormatCase{123.45678901, "123.45678901"},
                                         FormatCase{12345.6789012, "1.23456789012e+4"},
                                         FormatCase{1.5e-10, "1.5e-10"}, FormatCase{5e-324, "5e-324"},
                                         FormatCase{-2.2250738585072014e-308, "-2.2250738585072014e-308"}));

INSTANTIATE_TEST_SUITE_P(NotFinite, FormatDoubleTest,
                         testing::Values(FormatCase{kInfinity, "inf"}, FormatCase{-kInfinity, "-inf"},
                                         FormatCase{std::nan(""), "nan"}));

TEST(FormatDoubleRoundTripTest, ReadsBackAsTheSameBits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    if (std::isnan(value)) continue;
    EXPECT_THAT(ParseDouble(FormatDouble(value)), Optional(value)) << bits;
  }
}

TEST(FormatLongDoubleTest, HasNoExponentAndNoTrailingZeros) {
  EXPECT_EQ(FormatLongDouble(0), "0");
  EXPECT_EQ(FormatLongDouble(3), "3");
  EXPECT_EQ(FormatLongDouble(100), "100");
  EXPECT_EQ(FormatLongDouble(10.5L), "10.5");
  EXPECT_EQ(FormatLongDouble(-5.25L), "-5.25");
  EXPECT_EQ(FormatLongDouble(0.1L + 0.2L), "0.3");
  EXPECT_EQ(FormatLongDouble(1e21L), "1000000000000000000000");
  EXPECT_EQ(FormatLongDouble(1e-20L), "0");
}

TEST(FormatLongDoubleTest, HasNoNegativeZero) {
  EXPECT_EQ(FormatLongDouble(-0.0L), "0");
  EXPECT_EQ(FormatLongDouble(-1e-20L), "0");
}

TEST(FormatLongDoubleTest, PrintsTheGreatestAndInfinity) {
  EXPECT_EQ(FormatLongDouble(std::numeric_limits<long double>::max()).size(), 4933u);
  EXPECT_EQ(FormatLongDouble(std::numeric_limits<long double>::infinity()), "inf");
  EXPECT_EQ(FormatLongDouble(-std::numeric_limits<long double>::infinity()), "-inf");
}

}  // namespace
}  // namespace holdfast::resp
