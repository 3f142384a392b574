#include "tests/differential/duel.h"

#include <algorithm>

#include "server/command/words.h"
#include "tests/differential/unfit.h"

namespace holdfast::differential {
namespace {

using resp::Reply;
using server::command::Lower;
using Words = std::vector<std::string>;

constexpr std::string_view kIdMark = "$id:";
constexpr int kDatabases = 3;  // those that stories use

// Whatever a story may have changed that is no data.
const std::vector<Words> kResets = {
    {"CLIENT", "KILL", "TYPE", "normal"},  // those of the last story, of whose end it need not have heard
    {"CLIENT", "KILL", "TYPE", "pubsub"},
    {"FLUSHALL"},
    {"SCRIPT", "FLUSH"},
    {"FUNCTION", "FLUSH"},
    {"CONFIG", "RESETSTAT"},
    {"CONFIG", "SET", "hash-max-listpack-entries", "128", "zset-max-listpack-entries", "128",
     "set-max-intset-entries", "512", "list-max-listpack-size", "-2", "notify-keyspace-events", "",
     "slowlog-max-len", "128"},
    {"SLOWLOG", "RESET"},
    {"ACL", "LOG", "RESET"},
    {"ACL", "DELUSER", "worker"},
};

std::string Shown(const std::vector<Reply>& replies) {
  std::string shown;
  for (const Reply& reply : replies) shown += resp::FormatReply(reply) + "\n";
  return shown;
}

// Each line behind `mark`.
std::string Marked(const std::string& mark, const std::string& lines) {
  std::string marked;
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = std::min(lines.find('\n', begin), lines.size());
    marked += mark + lines.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return marked;
}

std::string Report(const std::string& who, const std::string& ours, const std::string& theirs) {
  return who + "\n--- Holdfast\n" + ours + "\n--- Redis\n" + theirs + "\n";
}

void SortReplies(std::vector<Reply>& replies) {
  std::sort(replies.begin(), replies.end(),
            [](const Reply& a, const Reply& b) { return resp::FormatReply(a) < resp::FormatReply(b); });
}

bool Is(const Words& words, std::string_view name) { return Lower(words[0]) == name; }

}  // namespace

Duel::Duel(harness::Oracle& oracle) : oracle_(oracle), control_(oracle.port()) {
  for (const Words& reset : kResets) (void)control_.Ask(reset);
  const Reply now = control_.Ask({"TIME"});
  if (now.elements.size() == 2) {
    engine_.env().SetNow(
        absl::FromUnixMicros(std::stoll(now.elements[0].text) * 1000000 + std::stoll(now.elements[1].text)));
  }
}

Duel::Player& Duel::player(const std::string& name) {
  Player& player = players_[name];
  if (player.redis != nullptr) return player;
  player.redis = std::make_unique<harness::OracleClient>(oracle_.port());
  player.their_id = std::to_string(player.redis->Ask({"CLIENT", "ID"}).integer);
  player.our_id = std::to_string(engine_.id(name));
  return player;
}

Words Duel::WithIds(const Step& step, bool ours) {
  Words words = step.words;
  for (std::string& word : words) {
    if (!word.starts_with(kIdMark)) continue;
    const Player& named = player(word.substr(kIdMark.size()));
    word = ours ? named.our_id : named.their_id;
  }
  return words;
}

// The first answer means that all requests before have been run, the second that their replies were sent.
// It reads a number, so that an error of reading one is forgotten: the oracle's next SORT would take an old
// one for its own.
void Duel::Settle() {
  (void)control_.Ask({"INCRBYFLOAT", "nosuch", "no number"});
  (void)control_.Ask({"PING"});
}

std::string Duel::CompareReply(Player& player, const Reply& ours, const Reply& theirs) {
  const bool is_own =
      player.asked.has_value() && (theirs.type != Reply::Type::kPush || player.asked == Agreement::kCount);
  Agreement agreement = is_own ? *player.asked : Agreement::kExact;
  if (chance_ && &player != asking_) agreement = Agreement::kType;
  const bool executed = agreement == Agreement::kExact && theirs.type == Reply::Type::kArray &&
                        player.queued.size() == theirs.elements.size() && !player.queued.empty();
  const bool agree = executed ? AgreeOnAll(player.queued, ours, theirs) : Agree(agreement, ours, theirs);
  return agree ? "" : Report("", resp::FormatReply(ours), resp::FormatReply(theirs));
}

std::string Duel::CompareClient(const std::string& name, Player& player, std::vector<Reply> theirs,
                                std::string* heard) {
  std::vector<Reply> ours = engine_.client(name).Take();
  if (heard != nullptr) *heard += Marked(name == "main" ? "< " : "< " + name + ": ", Shown(theirs));
  if (ours.size() != theirs.size()) return Report("client " + name + " heard", Shown(ours), Shown(theirs));
  if (&player != asking_) {  // a message for several patterns comes once for each, in any order
    SortReplies(ours);
    SortReplies(theirs);
  }
  for (size_t i = 0; i < ours.size(); ++i) {
    const std::string difference = CompareReply(player, ours[i], theirs[i]);
    if (!difference.empty()) return "client " + name + " heard" + difference;
  }
  if (!theirs.empty()) player.waiting = false;
  return "";
}

// What MULTI has queued, for EXEC's replies.
void Duel::Remember(Player& player, const Step& step, const Reply& theirs) {
  if (theirs.text == "QUEUED") {
    player.queued.push_back(AgreementOn(step.words));
  } else if (Is(step.words, "exec") || Is(step.words, "discard") || Is(step.words, "reset")) {
    player.queued.clear();
  }
  if (theirs.is_error()) return;
  ++succeeded_[Lower(step.words[0])];
  if (step.words.size() > 1) ++succeeded_[Lower(step.words[0]) + "|" + Lower(step.words[1])];
}

std::string Duel::PlayStep(const Step& step, std::string* heard) {
  Player& asking = player(step.client);
  if (asking.waiting) return "";
  if (heard != nullptr) {
    *heard += step.client == "main" ? "> " : "> " + step.client + ": ";
    for (size_t i = 0; i < step.words.size(); ++i)
      *heard += (i == 0 ? "" : " ") + resp::Quoted(step.words[i]);
    *heard += "\n";
  }
  asking.waiting = true;
  asking_ = &asking;
  asking.asked = AgreementOn(step.words);
  chance_ = HasChance(step.words);
  engine_.Send(step.client, WithIds(step, true));
  asking.redis->Send(WithIds(step, false));
  Settle();
  for (auto& [name, player] : players_) {
    const std::vector<Reply> theirs = player.redis->Take(0);
    const std::string difference = CompareClient(name, player, theirs, heard);
    if (!difference.empty()) return difference;
    if (name == step.client && !theirs.empty()) Remember(asking, step, theirs[0]);
  }
  over_ = asking.waiting && WaitsForSeveral(step.words);
  return "";
}

std::optional<Difference> Duel::Play(const std::vector<Step>& steps, std::string* heard) {
  for (size_t i = 0; i < steps.size(); ++i) {
    std::string difference = PlayStep(steps[i], heard);
    // What it leaves behind is not the same on both sides: the key goes.
    if (difference.empty() && steps[i].words.size() > 1 && HasChance(steps[i].words)) {
      difference = PlayStep({steps[i].client, {"DEL", steps[i].words[1]}}, heard);
    }
    if (!difference.empty()) return Difference{i, difference};
    if (over_) return std::nullopt;
  }
  const std::string difference = CompareData();
  if (difference.empty()) return std::nullopt;
  return Difference{steps.size(), difference};
}

std::string Duel::Ask(const Words& words, Agreement agreement) {
  const Reply theirs = control_.Ask(words);
  engine_.Send("control", words);
  const std::vector<Reply> replies = engine_.client("control").Take();
  const Reply ours = replies.empty() ? Reply{} : replies[0];
  if (Agree(agreement, ours, theirs)) return "";
  std::string asked;
  for (const std::string& word : words) asked += resp::Quoted(word) + " ";
  return Report("at the end, " + asked, resp::FormatReply(ours), resp::FormatReply(theirs));
}

std::string Duel::CompareKey(const std::string& key) {
  const std::string type = control_.Ask({"TYPE", key}).text;
  std::string difference = Ask({"TYPE", key}, Agreement::kExact);
  if (difference.empty()) difference = Ask({"PTTL", key}, Agreement::kNear);
  if (!difference.empty()) return difference;
  if (type == "string") return Ask({"GET", key}, Agreement::kExact);
  if (type == "list") return Ask({"LRANGE", key, "0", "-1"}, Agreement::kExact);
  if (type == "hash") return Ask({"HGETALL", key}, Agreement::kPairs);
  if (type == "set") return Ask({"SMEMBERS", key}, Agreement::kUnordered);
  if (type == "zset") return Ask({"ZRANGE", key, "0", "-1", "WITHSCORES"}, Agreement::kScores);
  return Ask({"XRANGE", key, "-", "+"}, Agreement::kExact);
}

std::string Duel::CompareDatabase() {
  std::string difference = Ask({"KEYS", "*"}, Agreement::kUnordered);
  const Reply keys = control_.Ask({"KEYS", "*"});
  for (size_t i = 0; difference.empty() && i < keys.elements.size(); ++i) {
    difference = CompareKey(keys.elements[i].text);
  }
  return difference;
}

std::string Duel::CompareData() {
  std::string difference;
  for (int database = 0; difference.empty() && database < kDatabases; ++database) {
    difference = Ask({"SELECT", std::to_string(database)}, Agreement::kExact);
    if (difference.empty()) difference = CompareDatabase();
  }
  return difference;
}

}  // namespace holdfast::differential
