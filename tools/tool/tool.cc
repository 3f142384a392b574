#include "tools/tool/tool.h"

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/tool/commands.h"

namespace holdfast::tool {
namespace {

struct Command {
  std::string_view name;
  size_t fewest_words;  // behind the name
  size_t most_words;
  int (*run)(const Context& context, std::span<const std::string_view> words);
};

constexpr std::string_view kHelp =
    R"(holdfast-tool: looks after the data folders of holdfast-server

  holdfast-tool check FOLDER [LOG-FOLDER]
      Verifies a data folder from its pages up and names each damage with file and byte, or key. Changes
      nothing. Beside a running server it looks at the last checkpoint, without the log. LOG-FOLDER is the
      server's log-dir, if it has one.
  holdfast-tool salvage FOLDER NEW-FOLDER [LOG-FOLDER]
      Copies what can be read of a damaged folder, its log included, to a new one that a server can open. The
      server must be stopped. FOLDER stays as it is.
  holdfast-tool compact FOLDER
      Gives the space of deleted data back to the file system. The server must be stopped. Needs room for a
      copy of the live data beside the old file, and says how much. May be broken off at any time.
  holdfast-tool help
      This text.

Exit codes: 0 done and sound; 1 could not be done; 2 wrong usage; 3 damage was found.
tools/README.md says more.
)";

constexpr std::array kCommands = {
    Command{"check", 1, 2, Check},
    Command{"compact", 1, 1, Compact},
    Command{"salvage", 2, 3, Salvage},
};

}  // namespace

int Fail(const Context& context, const absl::Status& why) {
  context.err << "holdfast-tool: " << why.message() << "\n";
  return absl::IsDataLoss(why) ? kDamaged : kFailed;
}

std::string Bytes(uint64_t bytes) {
  constexpr double kMebibyte = 1 << 20;
  return absl::StrFormat("%.1f MiB (%d bytes)", static_cast<double>(bytes) / kMebibyte, bytes);
}

int Run(std::span<const std::string_view> words, storage::Env& env, std::ostream& out, std::ostream& err) {
  if (words.size() == 1 && (words[0] == "help" || words[0] == "--help" || words[0] == "-h")) {
    out << kHelp;
    return kDone;
  }
  for (const Command& command : kCommands) {
    if (words.empty() || words[0] != command.name) continue;
    if (words.size() <= command.fewest_words || words.size() > command.most_words + 1) break;
    return command.run({env, out, err}, words.subspan(1));
  }
  err << "holdfast-tool: wrong command or number of words\n\n" << kHelp;
  return kUsage;
}

}  // namespace holdfast::tool
