#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"
#include "server/engine/version.h"
#include "server/server.h"

namespace holdfast::server {
namespace {

spdlog::level::level_enum LevelOf(std::string_view name) {
  if (name == "debug") return spdlog::level::debug;
  if (name == "warning") return spdlog::level::warn;
  if (name == "nothing") return spdlog::level::off;
  return spdlog::level::info;
}

void OpenLog(const engine::Settings& settings) {
  const std::string& file = settings.Text("logfile");
  if (!file.empty()) spdlog::set_default_logger(spdlog::basic_logger_st("holdfast", file));
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %v");
  spdlog::set_level(LevelOf(settings.Text("loglevel")));
  spdlog::flush_on(spdlog::level::info);
}

int Main(std::span<const std::string_view> words) {
  if (words.size() == 1 && (words[0] == "--version" || words[0] == "-v")) {
    std::printf("Holdfast %s\n", engine::kHoldfastVersion);
    return 0;
  }
  if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) {
    std::fputs(UsageText().c_str(), stdout);
    return 0;
  }
  engine::Settings settings;
  const absl::Status configured = ReadCommandLine(words, settings);
  if (!configured.ok()) {
    std::fprintf(stderr, "holdfast-server: %s\n", std::string(configured.message()).c_str());
    return 2;
  }
  OpenLog(settings);
  const absl::Status served = Serve(settings);
  if (served.ok()) return 0;
  spdlog::error("{}", std::string(served.message()));
  std::fprintf(stderr, "holdfast-server: %s\n", std::string(served.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace holdfast::server

int main(int argc, char** argv) {
  try {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    return holdfast::server::Main(words);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "holdfast-server: %s\n", fault.what());
    return 1;
  }
}
