#include "server/engine/process_facts.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace holdfast::server::engine {
namespace {

absl::Duration Cpu(const timeval& time) { return absl::DurationFromTimeval(time); }

uint64_t PageBytes() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)); }

// The second number of /proc/self/statm is the resident pages.
uint64_t ResidentBytes(storage::Env& env) {
  auto file = env.Open("/proc/self/statm", storage::OpenMode::kRead, storage::WriteMode::kBuffered);
  if (!file.ok()) return 0;
  std::array<char, 128> text{};
  if (!(*file)->Read(0, absl::MakeSpan(text.data(), text.size() - 1)).ok()) return 0;
  char* behind_first = nullptr;
  (void)std::strtoull(text.data(), &behind_first, 10);
  return std::strtoull(behind_first, nullptr, 10) * PageBytes();
}

}  // namespace

ProcessFacts ProcessFacts::Read(storage::Env& env) {
  ProcessFacts facts;
  const struct mallinfo2 heap = mallinfo2();
  facts.allocated_bytes = heap.uordblks + heap.hblkhd;
  facts.resident_bytes = ResidentBytes(env);
  facts.system_bytes = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * PageBytes();
  rusage own{};
  rusage children{};
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  facts.user_time = Cpu(own.ru_utime);
  facts.system_time = Cpu(own.ru_stime);
  facts.children_user_time = Cpu(children.ru_utime);
  facts.children_system_time = Cpu(children.ru_stime);
  facts.process_id = getpid();
  utsname name{};
  uname(&name);
  facts.os = std::string(name.sysname) + " " + name.release + " " + name.machine;
  facts.machine = name.nodename;
  return facts;
}

std::string HumanBytes(uint64_t bytes) {
  constexpr std::string_view kUnits = "BKMGTP";
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f%c" : "%.2f%c", value, kUnits[unit]);
  return text.data();
}

}  // namespace holdfast::server::engine
