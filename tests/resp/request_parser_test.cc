#include "resp/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::resp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Result = RequestParser::Result;
using Access = RequestParser::Access;
using StringWords = std::vector<std::string>;

// Everything that came out of a parser.
struct Parsed {
  std::vector<StringWords> requests;
  std::string error;
  bool operator==(const Parsed&) const = default;
};

void PrintTo(const Parsed& parsed, std::ostream* out) {
  *out << testing::PrintToString(parsed.requests) << " error '" << parsed.error << "'";
}

void Drain(RequestParser& parser, Parsed& parsed) {
  Request words;
  Result result;
  while ((result = parser.Next(words)) == Result::kRequest)
    parsed.requests.emplace_back(words.begin(), words.end());
  if (result == Result::kError) parsed.error = parser.error();
}

// Feeds `pieces`, each from memory that is overwritten as soon as the parser may no longer look at it.
Parsed ParsePieces(const std::vector<std::string_view>& pieces, const RequestLimits& limits = {},
                   Access access = Access::kGranted) {
  RequestParser parser(limits, access);
  Parsed parsed;
  for (std::string_view piece : pieces) {
    std::string read(piece);
    parser.Feed(read);
    Drain(parser, parsed);
    std::ranges::fill(read, '#');
  }
  return parsed;
}

// Parses `input` in one piece and checks that no way to cut it in two or into single bytes changes the
// result.
Parsed ParseEverySplit(std::string_view input, const RequestLimits& limits = {},
                       Access access = Access::kGranted) {
  Parsed whole = ParsePieces({input}, limits, access);
  for (size_t at = 1; at < input.size(); ++at) {
    EXPECT_EQ(ParsePieces({input.substr(0, at), input.substr(at)}, limits, access), whole) << "cut at " << at;
  }
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < input.size(); ++i) bytes.push_back(input.substr(i, 1));
  EXPECT_EQ(ParsePieces(bytes, limits, access), whole) << "byte by byte";
  return whole;
}

std::vector<StringWords> RequestsOf(std::string_view input) {
  const Parsed parsed = ParseEverySplit(input);
  EXPECT_EQ(parsed.error, "");
  return parsed.requests;
}

std::string ErrorOf(std::string_view input, Access access = Access::kGranted) {
  const Parsed parsed = ParseEverySplit(input, {}, access);
  EXPECT_THAT(parsed.requests, IsEmpty());
  return parsed.error;
}

std::string Multibulk(const StringWords& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

TEST(RequestParserTest, ReadsAMultibulkRequest) {
  EXPECT_THAT(RequestsOf("*3\r\n$5\r\nLPUSH\r\n$1\r\nq\r\n$3\r\njob\r\n"),
              ElementsAre(StringWords{"LPUSH", "q", "job"}));
}

TEST(RequestParserTest, ReadsAPipeline) {
  EXPECT_THAT(
      RequestsOf("*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n"),
      ElementsAre(StringWords{"PING"}, StringWords{"ECHO", "hi"}, StringWords{"PING"}, StringWords{"QUIT"}));
}

TEST(RequestParserTest, IsBinarySafe) {
  const StringWords words{"SET", std::string("\0\r\n*$", 5), std::string("\xff\0", 2), ""};
  EXPECT_THAT(RequestsOf(Multibulk(words)), ElementsAre(words));
}

TEST(RequestParserTest, TakesMoreWordsThanFitInline) {
  StringWords words{"DEL"};
  for (int i = 0; i < 50; ++i) words.push_back("key:" + std::to_string(i));
  EXPECT_THAT(RequestsOf(Multibulk(words)), ElementsAre(words));
}

TEST(RequestParserTest, SkipsEmptyRequests) {
  EXPECT_THAT(RequestsOf("*0\r\n*-1\r\n*-7\r\n\r\n\n   \r\n*1\r\n$4\r\nPING\r\n*0\r\n"),
              ElementsAre(StringWords{"PING"}));
}

TEST(RequestParserTest, DoesNotLookAtTheBytesBehindABulkNorAtTheLineFeed) {
  EXPECT_THAT(RequestsOf("*2\r\n$4\r\nECHOxy$2\r?hi\r\n*1\r_$4\r\nPING##"),
              ElementsAre(StringWords{"ECHO", "hi"}, StringWords{"PING"}));
}

TEST(RequestParserTest, ReadsInlineCommands) {
  EXPECT_THAT(RequestsOf("PING\r\nset  a\tb \nGET a\n"),
              ElementsAre(StringWords{"PING"}, StringWords{"set", "a", "b"}, StringWords{"GET", "a"}));
}

TEST(RequestParserTest, ReadsQuotedInlineCommands) {
  EXPECT_THAT(
      RequestsOf("SET \"a b\" 'it\\'s' \"\\x00\\xfF\\n\"\r\nPING\r\n"),
      ElementsAre(StringWords{"SET", "a b", "it's", std::string("\0\xff\n", 3)}, StringWords{"PING"}));
}

TEST(RequestParserTest, KeepsOnlyOneCarriageReturnOutOfAnInlineLine) {
  EXPECT_THAT(RequestsOf("ECHO 'a\r'\r\n"), ElementsAre(StringWords{"ECHO", "a\r"}));
}

struct FaultCase {
  std::string_view input;
  std::string_view error;
};

class RequestFaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(RequestFaultTest, AnswersInRedissWords) {
  EXPECT_EQ(ErrorOf(GetParam().input), "ERR Protocol error: " + std::string(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(Count, RequestFaultTest,
                         testing::Values(FaultCase{"*\r\n", "invalid multibulk length"},
                                         FaultCase{"*x\r\n", "invalid multibulk length"},
                                         FaultCase{"*+1\r\n", "invalid multibulk length"},
                                         FaultCase{"*01\r\n", "invalid multibulk length"},
                                         FaultCase{"* 1\r\n", "invalid multibulk length"},
                                         FaultCase{"*-\r\n", "invalid multibulk length"},
                                         FaultCase{"*2147483648\r\n", "invalid multibulk length"},
                                         FaultCase{"*20000000000000000000\r\n", "invalid multibulk length"}));

INSTANTIATE_TEST_SUITE_P(Bulk, RequestFaultTest,
                         testing::Values(FaultCase{"*1\r\n$\r\n", "invalid bulk length"},
                                         FaultCase{"*1\r\n$-1\r\n", "invalid bulk length"},
                                         FaultCase{"*1\r\n$abc\r\n", "invalid bulk length"},
                                         FaultCase{"*1\r\n$00\r\n", "invalid bulk length"},
                                         FaultCase{"*1\r\n$536870913\r\n", "invalid bulk length"},
                                         FaultCase{"*1\r\n$9223372036854775807\r\n", "invalid bulk length"},
                                         FaultCase{"*2\r\n$4\r\nECHO\r\n$x\r\n", "invalid bulk length"}));

INSTANTIATE_TEST_SUITE_P(Type, RequestFaultTest,
                         testing::Values(FaultCase{"*1\r\n:1\r\n", "expected '$', got ':'"},
                                         FaultCase{"*1\r\nPING\r\n", "expected '$', got 'P'"},
                                         FaultCase{"*2\r\n$4\r\nECHO\r\n*1\r\n", "expected '$', got '*'"},
                                         FaultCase{"*1\r\n\r\n", "expected '$', got '\r'"}));

INSTANTIATE_TEST_SUITE_P(Quotes, RequestFaultTest,
                         testing::Values(FaultCase{"SET \"a b\n", "unbalanced quotes in request"},
                                         FaultCase{"SET 'a\r\n", "unbalanced quotes in request"},
                                         FaultCase{"SET \"a\"b\n", "unbalanced quotes in request"}));

constexpr const char* kHttpRefusal =
    "an HTTP request, perhaps a browser's cross-site attack; connection closed";
INSTANTIATE_TEST_SUITE_P(Http, RequestFaultTest,
                         testing::Values(FaultCase{"POST / HTTP/1.1\r\n", kHttpRefusal},
                                         FaultCase{"Host: 127.0.0.1\r\n", kHttpRefusal}));

class RequestLineLimitTest : public testing::TestWithParam<FaultCase> {};

// `input` is the beginning of the line that gets too long.
TEST_P(RequestLineLimitTest, LinesEndAt64Kilobytes) {
  const std::string prefix(GetParam().input);
  const std::string error = "ERR Protocol error: " + std::string(GetParam().error);
  const size_t begin = prefix.rfind('\n') == prefix.npos ? 0 : prefix.rfind('\n') + 1;
  const std::string longest = prefix + std::string(kMaxLineBytes - (prefix.size() - begin), '1');
  EXPECT_EQ(ParsePieces({longest}).error, "");
  EXPECT_EQ(ParsePieces({longest, "1"}).error, error);
  EXPECT_EQ(ParsePieces({longest + "1\r\n"}).error, error);
  EXPECT_EQ(ParsePieces({longest.substr(0, 70), longest.substr(70), "1\r\n"}).error, error);
  const bool is_inline = prefix.starts_with("PING");
  EXPECT_NE(ParsePieces({longest, is_inline ? "\n" : "\r\n"}).error, error);
}

INSTANTIATE_TEST_SUITE_P(Lines, RequestLineLimitTest,
                         testing::Values(FaultCase{"*", "too big mbulk count string"},
                                         FaultCase{"*1\r\n$", "too big bulk count string"},
                                         FaultCase{"*2\r\n$4\r\nECHO\r\n", "too big bulk count string"},
                                         FaultCase{"PING ", "too big inline request"}));

TEST(RequestParserTest, StaysInErrorAndIgnoresWhatFollows) {
  const RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  EXPECT_EQ(parser.error(), "");
  parser.Feed("*1\r\n$4\r\nPING\r\n*x\r\n*1\r\n$4\r\nPING\r\n");
  Parsed parsed;
  Drain(parser, parsed);
  EXPECT_THAT(parsed.requests, ElementsAre(StringWords{"PING"}));
  EXPECT_EQ(parsed.error, "ERR Protocol error: invalid multibulk length");
  parser.Feed("*1\r\n$4\r\nPING\r\n");
  Request words;
  EXPECT_EQ(parser.Next(words), Result::kError);
  EXPECT_EQ(parser.allocated_bytes(), 0u);
  EXPECT_EQ(parser.pending_bytes(), 0u);
}

TEST(RequestParserAccessTest, StrangersMaySendTenWords) {
  const std::string ten = Multibulk(StringWords(10, "x"));
  EXPECT_EQ(ParseEverySplit(ten, {}, Access::kDenied).requests.size(), 1u);
  EXPECT_EQ(ErrorOf("*11\r\n", Access::kDenied), "ERR Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(ErrorOf("*2147483648\r\n", Access::kDenied), "ERR Protocol error: invalid multibulk length");
}

TEST(RequestParserAccessTest, StrangersMaySendBulksOf16Kilobytes) {
  const std::string longest = Multibulk({"AUTH", std::string(16384, 'x')});
  EXPECT_EQ(ParsePieces({longest}, {}, Access::kDenied).requests.size(), 1u);
  EXPECT_EQ(ErrorOf("*2\r\n$16385\r\n", Access::kDenied), "ERR Protocol error: unauthenticated bulk length");
  EXPECT_EQ(ErrorOf("*2\r\n$536870913\r\n", Access::kDenied), "ERR Protocol error: invalid bulk length");
}

TEST(RequestParserAccessTest, ALoginLiftsTheLimitsForTheNextRequestOfAPipeline) {
  const RequestLimits limits;
  RequestParser parser(limits, Access::kDenied);
  const std::string input = Multibulk({"AUTH", "secret"}) + Multibulk(StringWords(11, "x"));
  parser.Feed(input);
  Request words;
  ASSERT_EQ(parser.Next(words), Result::kRequest);
  parser.set_access(Access::kGranted);
  ASSERT_EQ(parser.Next(words), Result::kRequest);
  EXPECT_EQ(words.size(), 11u);
}

TEST(RequestParserLimitTest, BulkLengthIsConfigurable) {
  RequestLimits limits;
  limits.proto_max_bulk_len = 3;
  EXPECT_THAT(ParseEverySplit("*1\r\n$3\r\nabc\r\n", limits).requests, ElementsAre(StringWords{"abc"}));
  EXPECT_EQ(ParseEverySplit("*1\r\n$4\r\nabcd\r\n", limits).error, "ERR Protocol error: invalid bulk length");
}

TEST(RequestParserLimitTest, ChangedLimitsHoldForLivingParsers) {
  RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  limits.proto_max_bulk_len = 3;
  parser.Feed("*1\r\n$4\r\n");
  Request words;
  EXPECT_EQ(parser.Next(words), Result::kError);
}

TEST(RequestParserLimitTest, RequestsLargerThanTheQueryBufferAreRefusedBeforeTheyArrive) {
  RequestLimits limits;
  limits.client_query_buffer_limit = 1000;
  const std::string fitting = Multibulk({"SET", "key", std::string(900, 'v')});
  EXPECT_THAT(ParseEverySplit(fitting, limits).requests, testing::SizeIs(1));
  EXPECT_EQ(ParseEverySplit("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$960\r\n", limits).error,
            "ERR Protocol error: query buffer limit exceeded");
}

TEST(RequestParserLimitTest, ThePipelineDoesNotCountAgainstTheQueryBuffer) {
  RequestLimits limits;
  limits.client_query_buffer_limit = 1000;
  std::string input;
  for (int i = 0; i < 10; ++i) input += Multibulk({"SET", "key", std::string(900, 'v')});
  EXPECT_THAT(ParsePieces({input}, limits).requests, testing::SizeIs(10));
}

TEST(RequestParserLimitTest, WordsCountAgainstTheQueryBuffer) {
  RequestLimits limits;
  limits.client_query_buffer_limit = 1000;
  const std::string input = "*1000\r\n" + std::string(Multibulk(StringWords(46, "")).substr(5));
  EXPECT_EQ(ParseEverySplit(input, limits).error, "ERR Protocol error: query buffer limit exceeded");
}

TEST(RequestParserLimitTest, AnUnboundedQueryBufferDoesNotOverflow) {
  RequestLimits limits;
  limits.proto_max_bulk_len = std::numeric_limits<int64_t>::max();
  limits.client_query_buffer_limit = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(ParsePieces({"*1\r\n$9223372036854775807\r\n"}, limits).error,
            "ERR Protocol error: query buffer limit exceeded");
  EXPECT_EQ(ParsePieces({"*1\r\n$9223372036854775000\r\nabc"}, limits).error, "");
}

TEST(RequestParserMemoryTest, WordsOfAWholeReadAreViewsOfIt) {
  const RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  const std::string read = Multibulk({"LPUSH", "q", "job"}) + "PING x\r\n";
  parser.Feed(read);
  Request words;
  while (parser.Next(words) == Result::kRequest) {
    for (std::string_view word : words) {
      EXPECT_TRUE(word.data() >= read.data() && word.data() + word.size() <= read.data() + read.size());
    }
  }
  EXPECT_EQ(parser.allocated_bytes(), 0u);
}

TEST(RequestParserMemoryTest, OnlyTheRequestThatSpansReadsIsCopied) {
  const RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  const std::string request = Multibulk({"LPUSH", "q", std::string(500, 'j')});
  std::string first = request.substr(0, 30);
  const std::string second = request.substr(30) + request + request;
  Request words;
  parser.Feed(first);
  EXPECT_EQ(parser.Next(words), Result::kNeedMore);
  std::ranges::fill(first, '#');
  parser.Feed(second);
  ASSERT_EQ(parser.Next(words), Result::kRequest);
  EXPECT_EQ(words[2], std::string(500, 'j'));
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(parser.Next(words), Result::kRequest);
    EXPECT_TRUE(words[0].data() >= second.data() && words[0].data() < second.data() + second.size());
  }
  EXPECT_EQ(parser.Next(words), Result::kNeedMore);
}

TEST(RequestParserMemoryTest, AnIdleConnectionHoldsNothing) {
  const RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  const std::string request =
      Multibulk(StringWords(100, std::string(1000, 'x'))) + "ECHO \"" + std::string(100, 'y') + "\"\r\n";
  Request words;
  parser.Feed(std::string_view(request).substr(0, 50000));
  EXPECT_EQ(parser.Next(words), Result::kNeedMore);
  EXPECT_GT(parser.allocated_bytes(), 50000u);
  EXPECT_EQ(parser.pending_bytes(), 50000u);
  parser.Feed(std::string_view(request).substr(50000));
  EXPECT_EQ(parser.Next(words), Result::kRequest);
  EXPECT_EQ(parser.Next(words), Result::kRequest);
  EXPECT_EQ(parser.Next(words), Result::kNeedMore);
  EXPECT_EQ(parser.allocated_bytes(), 0u);
  EXPECT_EQ(parser.pending_bytes(), 0u);
  EXPECT_LE(sizeof(RequestParser), 384u);
}

TEST(RequestParserMemoryTest, AnAnnouncedBulkCostsNothingBeforeItsBytesArrive) {
  const RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  Request words;
  parser.Feed("*2147483647\r\n$536870912\r\n");
  EXPECT_EQ(parser.Next(words), Result::kNeedMore);
  EXPECT_LT(parser.allocated_bytes(), 1000u);
  const std::string some(1000, 'x');
  parser.Feed(some);
  EXPECT_EQ(parser.Next(words), Result::kNeedMore);
  EXPECT_LT(parser.allocated_bytes(), 3000u);
}

TEST(RequestParserMemoryTest, ABigBulkTakesLittleMoreThanItsSize) {
  const RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  constexpr size_t kSize = 5 << 20;
  const std::string request = Multibulk({"SET", "key", std::string(kSize, 'v'), "EX", "10"});
  size_t most = 0;
  int requests = 0;
  for (size_t at = 0; at < request.size(); at += 4096) {
    parser.Feed(std::string_view(request).substr(at, 4096));
    Request words;
    while (parser.Next(words) == Result::kRequest) ++requests;
    most = std::max(most, parser.allocated_bytes());
  }
  EXPECT_EQ(requests, 1);
  EXPECT_LT(most, kSize + kSize / 100);
}

TEST(RequestParserMemoryTest, RetainFreesTheCallersBytesInMidPipeline) {
  const RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  std::string read =
      Multibulk({"BRPOP", "q", "0"}) + Multibulk({"PING"}) + Multibulk({"ECHO", "hi"}).substr(0, 12);
  parser.Feed(read);
  Request words;
  ASSERT_EQ(parser.Next(words), Result::kRequest);
  parser.Retain();
  std::ranges::fill(read, '#');
  // More is read while the first request still waits.
  std::string more = Multibulk({"ECHO", "hi"}).substr(12) + "QUIT\r\n";
  parser.Feed(more);
  parser.Retain();
  std::ranges::fill(more, '#');
  Parsed parsed;
  Drain(parser, parsed);
  EXPECT_THAT(parsed.requests,
              ElementsAre(StringWords{"PING"}, StringWords{"ECHO", "hi"}, StringWords{"QUIT"}));
  EXPECT_EQ(parser.allocated_bytes(), 0u);
}

TEST(RequestParserMemoryTest, RetainInTheMiddleOfASpanningRequestKeepsItsWords) {
  const RequestLimits limits;
  const std::string input = Multibulk({"RPUSH", "q", "a", std::string(300, 'b'), "c"}) + Multibulk({"PING"});
  for (size_t at = 1; at < input.size(); ++at) {
    RequestParser parser(limits, Access::kGranted);
    Parsed parsed;
    for (std::string piece : {input.substr(0, at), input.substr(at)}) {
      parser.Feed(piece);
      parser.Retain();
      std::ranges::fill(piece, '#');
      Drain(parser, parsed);
    }
    EXPECT_EQ(parsed, ParsePieces({input})) << "cut at " << at;
  }
}

TEST(RequestParserMemoryTest, ABacklogReadOneByOneIsNotCopiedAgainAndAgain) {
  // 20,000 requests wait; each is answered before the next read comes. Quadratic work would take minutes.
  const RequestLimits limits;
  RequestParser parser(limits, Access::kGranted);
  const std::string request = Multibulk({"LPUSH", "q", std::string(100, 'j')});
  std::string backlog;
  for (int i = 0; i < 20000; ++i) backlog += request;
  parser.Feed(backlog);
  parser.Retain();
  size_t most = 0;
  Request words;
  for (int i = 0; i < 20000; ++i) {
    ASSERT_EQ(parser.Next(words), Result::kRequest);
    ASSERT_EQ(words.size(), 3u);
    parser.Feed(request);
    most = std::max(most, parser.allocated_bytes());
  }
  EXPECT_LE(most, 4 * backlog.size());
  EXPECT_EQ(parser.pending_bytes(), backlog.size());
}

}  // namespace
}  // namespace holdfast::resp
