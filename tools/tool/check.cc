#include <algorithm>
#include <string>

#include "storage/check/folder_check.h"
#include "tools/tool/commands.h"
#include "tools/tool/tool.h"

namespace holdfast::tool {
namespace {

using storage::check::Finding;
using storage::check::FolderFacts;

void SayFile(const Context& context, const FolderFacts& facts) {
  const storage::check::FileFacts& file = facts.file;
  context.out << "data file: " << Bytes(file.file_bytes) << ", " << file.used_pages << " pages in use, "
              << file.free_pages << " free; " << file.sound_entries << " entries sound, "
              << file.damaged_entries << " damaged; its structure is "
              << (file.structure_is_sound ? "sound" : "DAMAGED") << "\n";
  if (!facts.keyspace) {
    context.out << "keys:      not looked at, because of the damage above\n";
    return;
  }
  const storage::check::KeyspaceFacts& keys = *facts.keyspace;
  context.out << "keys:      " << keys.keys - std::min(keys.keys, keys.unsound_keys) << " sound, "
              << keys.unsound_keys << " not, with " << keys.elements << " elements\n";
}

void SayLog(const Context& context, const FolderFacts& facts) {
  if (!facts.log) {
    context.out << "log:       left to the running server; the checkpoint ends with record ";
  } else {
    context.out << "log:       " << facts.log->segments << " segments, " << facts.log->sound_frames
                << " sound frames; the next start replays " << facts.log->records_to_replay
                << " records; the checkpoint ends with record ";
  }
  const auto& checkpoint = facts.file.checkpoint;
  context.out << (checkpoint ? std::to_string(checkpoint->sequence) : "(unknown)") << "\n";
}

}  // namespace

storage::check::Findings SayFindings(const Context& context) {
  return storage::check::Findings([&context](const Finding& finding) {
    context.out << (finding.kind == Finding::Kind::kDamage ? "DAMAGE " : "note   ") << finding.where << ": "
                << finding.what;
    if (!finding.advice.empty()) context.out << ". What to do: " << finding.advice;
    context.out << "\n";
  });
}

int Check(const Context& context, std::span<const std::string_view> words) {
  const std::string folder(words[0]);
  storage::check::Findings findings = SayFindings(context);
  const absl::StatusOr<FolderFacts> facts = storage::check::CheckFolder(
      context.env, folder, std::string(words.size() > 1 ? words[1] : ""), findings);
  if (!facts.ok()) return Fail(context, facts.status());
  context.out << folder << (facts->server_runs ? " (a server runs: its last checkpoint)\n" : "\n");
  SayFile(context, *facts);
  SayLog(context, *facts);
  if (findings.damages() == 0) {
    context.out << "All of it is sound.\n";
    return kDone;
  }
  context.out
      << findings.damages() << " damages were found. Do not start a server on this folder before they are "
      << "mended: stop it, keep a copy of the folder, then restore a backup or run \"holdfast-tool salvage "
      << folder << " NEW-FOLDER\".\n";
  return kDamaged;
}

}  // namespace holdfast::tool
