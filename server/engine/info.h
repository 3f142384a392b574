#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/command/services.h"
#include "server/engine/function_door.h"
#include "server/engine/info_lines.h"
#include "server/engine/process_facts.h"
#include "server/engine/pubsub_hub.h"
#include "server/engine/script_door.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

// INFO's text, with Redis's sections and field names. Clients read some of them as gates: redis_version must
// be at least 7.2.0 with a single-digit major (Sidekiq 6 compares it as text), maxmemory_policy must be
// noeviction, "# Server" must be the first line.
class InfoReport final : public command::Statistics {
 public:
  InfoReport(State& state, const PubSubHub& pubsub, const ScriptDoor& scripts, const FunctionDoor& functions)
      : state_(state), pubsub_(pubsub), scripts_(scripts), functions_(functions) {}

  // command::Statistics.
  [[nodiscard]] std::string Info(std::span<const std::string_view> sections) const override;
  void Reset() override { state_.ResetCounters(); }

 private:
  using Lines = InfoLines;

  void Server(Lines& lines, const ProcessFacts& facts) const;
  void Clients(Lines& lines, const ProcessFacts& facts) const;
  void Memory(Lines& lines, const ProcessFacts& facts) const;
  void Persistence(Lines& lines, const ProcessFacts& facts) const;
  void Stats(Lines& lines, const ProcessFacts& facts) const;
  void Replication(Lines& lines, const ProcessFacts& facts) const;
  void Cpu(Lines& lines, const ProcessFacts& facts) const;
  void Modules(Lines& lines, const ProcessFacts& facts) const;
  void CommandStats(Lines& lines, const ProcessFacts& facts) const;
  void LatencyStats(Lines& lines, const ProcessFacts& facts) const;
  void ErrorStats(Lines& lines, const ProcessFacts& facts) const;
  void Cluster(Lines& lines, const ProcessFacts& facts) const;
  void Keyspace(Lines& lines, const ProcessFacts& facts) const;
  // The exact figures of disk and refusals.
  void Holdfast(Lines& lines, const ProcessFacts& facts) const;

  // Replies that clients have not taken yet.
  [[nodiscard]] uint64_t BufferedBytes() const;

  struct Section {
    std::string_view name;
    bool by_default;
    void (InfoReport::*write)(Lines&, const ProcessFacts&) const;
  };
  static const Section kSections[];

  State& state_;
  const PubSubHub& pubsub_;
  const ScriptDoor& scripts_;
  const FunctionDoor& functions_;
};

}  // namespace holdfast::server::engine
