#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace holdfast::storage::check {

// Something that is not as it should be.
struct Finding {
  enum class Kind {
    kDamage,  // what was stored is lost or wrong
    kNote,    // odd, but nothing is lost
  };
  Kind kind = Kind::kDamage;
  std::string where;   // a file and a byte, or a key
  std::string what;    // what is wrong with it
  std::string advice;  // what to do; empty: what the summary says
};

// Counts findings and hands them on as they come.
class Findings {
 public:
  using Sink = std::function<void(const Finding& finding)>;
  explicit Findings(Sink sink) : sink_(std::move(sink)) {}

  void Damage(std::string where, std::string what, std::string advice = {}) {
    ++damages_;
    sink_({Finding::Kind::kDamage, std::move(where), std::move(what), std::move(advice)});
  }
  void Note(std::string where, std::string what, std::string advice = {}) {
    ++notes_;
    sink_({Finding::Kind::kNote, std::move(where), std::move(what), std::move(advice)});
  }

  [[nodiscard]] uint64_t damages() const { return damages_; }
  [[nodiscard]] uint64_t notes() const { return notes_; }

 private:
  Sink sink_;
  uint64_t damages_ = 0;
  uint64_t notes_ = 0;
};

}  // namespace holdfast::storage::check
