#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "resp/reply_writer.h"
#include "server/command/args.h"
#include "storage/sorted_set.h"

// What the sorted set families share: reading ranges, writing elements.
namespace holdfast::server::commands {

// A range as ZRANGEBYSCORE takes it: "1.5", "(1.5", "-inf", "+inf"; kMinMaxNotFloat otherwise.
[[nodiscard]] storage::ScoreRange ReadScoreRange(command::Args& args);
// As ZRANGEBYLEX takes it: "-", "+", "[member", "(member"; kMinMaxNotString otherwise.
[[nodiscard]] storage::LexRange ReadLexRange(command::Args& args);

enum class Scores : uint8_t { kWithout, kWith };

// An array of members; with scores flat in RESP2 and of [member, score] pairs in RESP3.
void WriteElements(resp::ReplyWriter& reply, std::span<const storage::ScoredMember> elements, Scores scores);
// An array of [member, score] pairs in both protocols.
void WritePairs(resp::ReplyWriter& reply, std::span<const storage::ScoredMember> elements);

}  // namespace holdfast::server::commands
