#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Transcripts: what clients say and what they hear, as plain text (README.md has the language).
namespace holdfast::transcripts {

// What one client must have heard after a step.
struct Expectation {
  int line = 0;
  std::string text;         // as redis-cli prints it; several lines for one reply, or several replies
  bool is_pattern = false;  // `text` is a glob pattern for all of it
};

struct Step {
  enum class Kind { kRequest, kDirective };

  int line = 0;
  Kind kind = Kind::kRequest;
  std::string client;
  std::vector<std::string> words;  // of the request, or of the directive (its name first, without '@')
  std::map<std::string, Expectation> expected;
  bool oracle_differs = false;  // the real Redis does something else here, for a reason that the file says
};

struct Transcript {
  std::string name;
  bool in_process_only = false;
  std::vector<Step> steps;
};

// What is wrong with the file goes to `error`.
[[nodiscard]] std::optional<Transcript> ParseTranscript(const std::string& name, std::string_view text,
                                                        std::string& error);

// Where a transcript is played.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual void Send(const std::string& client, const std::vector<std::string>& words) = 0;
  // All that `client` heard since the last call, as redis-cli prints it; waits for about as many replies.
  [[nodiscard]] virtual std::string Take(const std::string& client, size_t wanted_lines) = 0;
  // False if this stage cannot do it: the play ends there.
  virtual bool Direct(const std::vector<std::string>& words) = 0;
  // Whether steps that are marked @oracle-differs are checked.
  [[nodiscard]] virtual bool is_oracle() const = 0;
};

// Plays all steps; the failures as text, empty if there are none.
[[nodiscard]] std::string Play(const Transcript& transcript, Stage& stage);

}  // namespace holdfast::transcripts
