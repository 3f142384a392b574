#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"
#include "tests/transcripts/transcript.h"

namespace holdfast::transcripts {

// The engine in this process: knows every directive.
class InProcessStage final : public Stage {
 public:
  void Send(const std::string& client, const std::vector<std::string>& words) override;
  [[nodiscard]] std::string Take(const std::string& client, size_t wanted_lines) override;
  bool Direct(const std::vector<std::string>& words) override;
  [[nodiscard]] bool is_oracle() const override { return false; }

 private:
  harness::EngineHarness server_;
};

// A real Redis, emptied first. It has no clock that a test could move, and no power to cut.
class OracleStage final : public Stage {
 public:
  explicit OracleStage(harness::Oracle& oracle);

  void Send(const std::string& client, const std::vector<std::string>& words) override;
  [[nodiscard]] std::string Take(const std::string& client, size_t wanted_lines) override;
  bool Direct(const std::vector<std::string>& words) override;
  [[nodiscard]] bool is_oracle() const override { return true; }

 private:
  harness::OracleClient& client(const std::string& name);
  // What was sent before on any connection has been executed when this returns.
  void Settle();

  harness::Oracle& oracle_;
  std::map<std::string, std::unique_ptr<harness::OracleClient>> clients_;
};

}  // namespace holdfast::transcripts
