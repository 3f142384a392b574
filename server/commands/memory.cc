#include "server/command/context.h"
#include "server/command/services.h"
#include "server/commands/families.h"

// MEMORY, but for USAGE (object.cc): data lies on disk here, so that there is little to tell. What INFO calls
// used_memory, the disk's use, is what counts as allocated.
namespace holdfast::server::commands {
namespace {

using namespace command;

// One line of INFO, as a number.
int64_t Fact(std::string_view info, std::string_view name) {
  const size_t at = info.find(std::string(name) + ":");
  int64_t number = 0;
  if (at == std::string_view::npos) return number;
  for (size_t i = at + name.size() + 1; i < info.size() && info[i] >= '0' && info[i] <= '9'; ++i) {
    number = number * 10 + (info[i] - '0');
  }
  return number;
}

Outcome Stats(Context& context) {
  const std::string_view sections[] = {"memory", "keyspace"};
  const std::string info = context.services.statistics().Info(sections);
  struct Line {
    std::string_view name;
    int64_t value;
  };
  const int64_t keys = static_cast<int64_t>(context.keyspace.size());
  const int64_t allocated = Fact(info, "used_memory");
  const int64_t dataset = Fact(info, "used_memory_dataset");
  const Line lines[] = {
      {"peak.allocated", Fact(info, "used_memory_peak")},
      {"total.allocated", allocated},
      {"startup.allocated", Fact(info, "used_memory_startup")},
      {"replication.backlog", 0},
      {"clients.slaves", 0},
      {"clients.normal", Fact(info, "mem_clients_normal")},
      {"cluster.links", 0},
      {"aof.buffer", 0},
      {"lua.caches", Fact(info, "used_memory_vm_eval")},
      {"functions.caches", Fact(info, "used_memory_functions")},
      {"overhead.total", allocated - dataset},
      {"keys.count", keys},
      {"keys.bytes-per-key", keys == 0 ? 0 : dataset / keys},
      {"dataset.bytes", dataset},
  };
  context.reply.Map(std::size(lines) + 3);
  for (const Line& line : lines) {
    context.reply.Bulk(line.name);
    context.reply.Integer(line.value);
  }
  const auto share = [](int64_t part, int64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) * 100 / static_cast<double>(whole);
  };
  context.reply.Bulk("dataset.percentage");
  context.reply.Double(share(dataset, allocated));
  context.reply.Bulk("peak.percentage");
  context.reply.Double(share(allocated, Fact(info, "used_memory_peak")));
  context.reply.Bulk("fragmentation");
  context.reply.Double(share(Fact(info, "used_memory_rss"), Fact(info, "allocator_allocated")) / 100);
  return Done{};
}

Outcome Doctor(Context& context) {
  context.reply.Verbatim("txt",
                         "Data lies on disk; memory holds what was written since the last checkpoint, the "
                         "connections and the scripts. There is nothing to repair.\n");
  return Done{};
}

Outcome MallocStats(Context& context) {
  context.reply.Verbatim("txt", "Stats not supported for the current allocator");
  return Done{};
}

Outcome Purge(Context& context) {
  context.reply.Ok();
  return Done{};
}

constexpr Command Entry(std::string_view name, std::string_view since, std::string_view summary,
                        Handler run) {
  return {name, "", 0, "server", since, "O(1)", summary, run};
}

constexpr Command kCommands[] = {
    Entry("memory|stats", "4.0.0", "Returns details about memory usage.", &Stats),
    Entry("memory|doctor", "4.0.0", "Outputs a memory problems report.", &Doctor),
    Entry("memory|malloc-stats", "4.0.0", "Returns the allocator statistics.", &MallocStats),
    Entry("memory|purge", "4.0.0", "Asks the allocator to release memory.", &Purge),
};

}  // namespace

Family MemoryCommands() { return kCommands; }

}  // namespace holdfast::server::commands
