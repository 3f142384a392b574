#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "resp/request_parser.h"

namespace holdfast::resp {
namespace {

std::string PushOf(size_t job_bytes) {
  return "*3\r\n$5\r\nLPUSH\r\n$13\r\nqueue:default\r\n$" + std::to_string(job_bytes) + "\r\n" +
         std::string(job_bytes, 'j') + "\r\n";
}

size_t Drain(RequestParser& parser) {
  Request words;
  size_t requests = 0;
  while (parser.Next(words) == RequestParser::Result::kRequest) {
    benchmark::DoNotOptimize(words.data());
    ++requests;
  }
  return requests;
}

// Reads of 16 whole requests: arguments are the bytes of a job.
void BM_WholePipelines(benchmark::State& state) {
  const RequestLimits limits;
  RequestParser parser(limits, RequestParser::Access::kGranted);
  std::string read;
  for (int i = 0; i < 16; ++i) read += PushOf(static_cast<size_t>(state.range(0)));
  size_t requests = 0;
  for (auto _ : state) {
    parser.Feed(read);
    requests += Drain(parser);
  }
  state.SetItemsProcessed(static_cast<int64_t>(requests));
}
BENCHMARK(BM_WholePipelines)->Arg(10)->Arg(800);

// Reads that end anywhere in a request.
void BM_CutPipelines(benchmark::State& state) {
  const RequestLimits limits;
  RequestParser parser(limits, RequestParser::Access::kGranted);
  std::string stream;
  for (int i = 0; i < 1000; ++i) stream += PushOf(800);
  const auto read_bytes = static_cast<size_t>(state.range(0));
  size_t requests = 0;
  for (auto _ : state) {
    for (size_t at = 0; at < stream.size(); at += read_bytes) {
      parser.Feed(std::string_view(stream).substr(at, read_bytes));
      requests += Drain(parser);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(requests));
}
BENCHMARK(BM_CutPipelines)->Arg(16384)->Arg(65536);

void BM_SingleRequests(benchmark::State& state) {
  const RequestLimits limits;
  RequestParser parser(limits, RequestParser::Access::kGranted);
  const std::string read = PushOf(800);
  size_t requests = 0;
  for (auto _ : state) {
    parser.Feed(read);
    requests += Drain(parser);
  }
  state.SetItemsProcessed(static_cast<int64_t>(requests));
}
BENCHMARK(BM_SingleRequests);

// One value of 512 MB in reads of 64 KB.
void BM_LargestBulk(benchmark::State& state) {
  const RequestLimits limits;
  const std::string piece(65536, 'v');
  for (auto _ : state) {
    RequestParser parser(limits, RequestParser::Access::kGranted);
    parser.Feed("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n");
    size_t requests = Drain(parser);
    for (int i = 0; i < 8192; ++i) {
      parser.Feed(piece);
      requests += Drain(parser);
    }
    parser.Feed("\r\n");
    requests += Drain(parser);
    if (requests != 1) state.SkipWithError("the request did not come out");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * 536870912);
}
BENCHMARK(BM_LargestBulk)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace holdfast::resp
