#include "tests/transcripts/transcript.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "resp/inline_words.h"
#include "server/command/glob.h"

namespace holdfast::transcripts {
namespace {

constexpr std::string_view kDefaultClient = "main";

// Takes "name: " from the front of `text`; the default if there is none.
std::string TakeClient(std::string_view& text, const std::string& otherwise) {
  size_t end = 0;
  while (end < text.size() && (std::islower(static_cast<unsigned char>(text[end])) != 0 ||
                               std::isdigit(static_cast<unsigned char>(text[end])) != 0)) {
    ++end;
  }
  if (end == 0 || !(text.substr(end, 2) == ": " || text.substr(end) == ":")) return otherwise;
  std::string name(text.substr(0, end));
  text.remove_prefix(std::min(text.size(), end + 2));
  return name;
}

bool SplitInto(std::vector<std::string>& words, std::string_view text) {
  resp::Words views;
  std::string unescaped;
  if (!resp::SplitInlineWords(text, views, unescaped)) return false;
  words.assign(views.begin(), views.end());
  return !words.empty();
}

class Parser {
 public:
  explicit Parser(Transcript& transcript) : transcript_(transcript) {}

  bool Line(int number, std::string_view line) {
    if (line.empty() || line[0] == '#') return true;
    const char mark = line[0];
    line.remove_prefix(1);
    if (mark == '>') return Request(number, line);
    if (mark == '<') return Expect(number, line);
    if (mark == '@') return Directive(number, line);
    return false;
  }

 private:
  static void SkipSpace(std::string_view& line) {
    if (!line.empty() && line[0] == ' ') line.remove_prefix(1);
  }

  bool Request(int number, std::string_view line) {
    SkipSpace(line);
    Step step;
    step.line = number;
    step.client = TakeClient(line, std::string(kDefaultClient));
    step.oracle_differs = differs_;
    differs_ = false;
    transcript_.steps.push_back(step);
    return SplitInto(transcript_.steps.back().words, line);
  }

  bool Expect(int number, std::string_view line) {
    if (transcript_.steps.empty()) return false;
    Step& step = transcript_.steps.back();
    const bool is_pattern = !line.empty() && line[0] == '~';
    if (is_pattern) line.remove_prefix(1);
    SkipSpace(line);
    const std::string client =
        TakeClient(line, step.client.empty() ? std::string(kDefaultClient) : step.client);
    const bool first = !step.expected.contains(client);
    Expectation& expected = step.expected[client];
    if (first) expected.line = number;
    if (!first) expected.text += '\n';
    expected.text += line;
    expected.is_pattern |= is_pattern;
    return true;
  }

  bool Directive(int number, std::string_view line) {
    Step step;
    step.line = number;
    step.kind = Step::Kind::kDirective;
    if (!SplitInto(step.words, line)) return false;
    if (step.words[0] == "inprocess-only") {
      transcript_.in_process_only = true;
    } else if (step.words[0] == "oracle-differs") {
      differs_ = true;
    } else {
      transcript_.steps.push_back(step);
    }
    return true;
  }

  Transcript& transcript_;
  bool differs_ = false;
};

std::string Complain(const Step& step, const std::string& client, const Expectation& expected,
                     const std::string& heard) {
  std::string shown = "line " + std::to_string(step.line) + ", client " + client + ":";
  for (const std::string& word : step.words) shown += " " + word;
  return shown + "\n--- expected\n" + expected.text + "\n--- heard\n" + heard + "\n";
}

bool Matches(const Expectation& expected, const std::string& heard) {
  return expected.is_pattern ? server::command::GlobMatches(expected.text, heard) : expected.text == heard;
}

std::string Check(const Step& step, const std::set<std::string>& clients, Stage& stage) {
  std::string failures;
  for (const std::string& client : clients) {
    const auto found = step.expected.find(client);
    const Expectation expected = found == step.expected.end() ? Expectation{} : found->second;
    const auto lines =
        expected.text.empty() ? 0 : 1 + std::count(expected.text.begin(), expected.text.end(), '\n');
    const std::string heard = stage.Take(client, static_cast<size_t>(lines));
    if (step.oracle_differs && stage.is_oracle()) continue;
    if (!Matches(expected, heard)) failures += Complain(step, client, expected, heard);
  }
  return failures;
}

}  // namespace

std::optional<Transcript> ParseTranscript(const std::string& name, std::string_view text,
                                          std::string& error) {
  Transcript transcript;
  transcript.name = name;
  Parser parser(transcript);
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (!parser.Line(number, text.substr(0, end))) {
      error = name + ":" + std::to_string(number) + ": cannot read this line";
      return std::nullopt;
    }
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return transcript;
}

std::string Play(const Transcript& transcript, Stage& stage) {
  std::string failures;
  std::set<std::string> clients;
  for (const Step& step : transcript.steps) {
    if (step.kind == Step::Kind::kDirective) {
      if (!stage.Direct(step.words)) break;
    } else {
      clients.insert(step.client);
      stage.Send(step.client, step.words);
    }
    for (const auto& [client, expected] : step.expected) clients.insert(client);
    failures += Check(step, clients, stage);
  }
  return failures;
}

}  // namespace holdfast::transcripts
