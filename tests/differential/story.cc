#include "tests/differential/story.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "tests/differential/unfit.h"

namespace holdfast::differential {
namespace {

using server::command::Table;
using Words = std::vector<std::string>;

struct Exception {
  std::string_view command;
  std::string_view reason;
};

constexpr std::array kExceptions = {
    Exception{"shutdown", "ends the server"},
    Exception{"quit", "closes the connection"},
    Exception{"monitor", "shows the test's own requests"},
    Exception{"client|kill", "closes connections: transcripts show it"},
    Exception{"client|pause", "stops the other clients for a time"},
    Exception{"client|tracking", "left out on purpose: a transcript shows it"},
    Exception{"client|caching", "as CLIENT TRACKING"},
    Exception{"client|reply", "silences the client: transcripts show it"},
    Exception{"save", "writes a file"},
    Exception{"bgsave", "writes a file"},
    Exception{"bgrewriteaof", "writes a file"},
    Exception{"config|rewrite", "writes a file"},
    Exception{"config|resetstat", "nothing to compare"},
    Exception{"debug", "the oracle refuses it"},
    Exception{"script|debug", "would begin a session of the oracle's debugger"},
    Exception{"acl|save", "writes a file"},
    Exception{"acl|load", "reads a file"},
    Exception{"acl|setuser", "permissions_test draws it"},
    Exception{"acl|deluser", "as ACL SETUSER"},
    Exception{"acl|log", "remembers times"},
    Exception{"acl|list", "7.2 shows sanitize-payload"},
    Exception{"acl|cat", "lists commands"},
    Exception{"slowlog|get", "measures times"},
    Exception{"slowlog|len", "measures times"},
    Exception{"latency|doctor", "measures times"},
    Exception{"latency|graph", "measures times"},
    Exception{"latency|histogram", "measures times"},
    Exception{"latency|history", "measures times"},
    Exception{"latency|latest", "measures times"},
    Exception{"latency|reset", "measures times"},
    Exception{"memory|doctor", "tells of the process"},
    Exception{"memory|stats", "tells of the process"},
    Exception{"memory|malloc-stats", "tells of the process"},
    Exception{"memory|purge", "tells of the process"},
    Exception{"failover", "there are no replicas: a transcript shows it"},
    Exception{"migrate", "there is nowhere to send keys: a transcript shows it"},
    Exception{"module|load", "there are no modules: a transcript shows it"},
    Exception{"module|loadex", "as MODULE LOAD"},
    Exception{"module|unload", "as MODULE LOAD"},
    Exception{"psync", "makes the connection a replica's"},
    Exception{"sync", "as PSYNC"},
    Exception{"replconf", "as PSYNC"},
    Exception{"replicaof", "would make the oracle a replica"},
    Exception{"slaveof", "as REPLICAOF"},
    Exception{"lolwut", "draws another picture"},
    Exception{"xsetid", "7.2 refuses ids below deleted ones"},
    Exception{"function|dump", "the payloads name versions"},
    Exception{"function|stats", "measures times"},
};

constexpr std::string_view kScripts[] = {
    "return redis.call(unpack(ARGV))",
    "return redis.pcall(unpack(ARGV))",
    "redis.call('SET','s1','x') return redis.call(unpack(ARGV))",
    "redis.setresp(3) return redis.call(unpack(ARGV))",
    "#!lua\nreturn redis.call(unpack(ARGV))",
    "#!lua flags=no-writes\nreturn redis.call(unpack(ARGV))",
};

constexpr std::string_view kFixedScripts[] = {
    "return {1,2.9,'x',false,nil,3}",
    "return {ok='fine'}",
    "return {err='MY words'}",
    "return redis.error_reply('words')",
    "return redis.status_reply('S')",
    "return {KEYS[1],ARGV[1],#KEYS,#ARGV}",
    "return redis.sha1hex(ARGV[1])",
    "local r=redis.pcall('INCR','l1') if type(r)=='table' and r.err then return r.err end return r",
    "return tostring(redis.call('GET','nosuch'))",
    "return cjson.encode({1,'a',{b=2}})",
    "return cjson.decode(ARGV[1])",
    "error('oops')",
    "return nosuch",
    "nosuch = 1",
    "return redis.call('NOSUCH')",
    "return redis.call()",
    "return redis.call('GET')",
    "return redis.call('GET',{})",
    "return {double=1.5}",
    "return {map={a=1}}",
    "redis.setresp(3) return {map={a=1}}",
    "redis.setresp(3) return {double=1.5}",
    "redis.setresp(3) return {set={a=true}}",
    "redis.setresp(3) return true",
    "return true",
    "return 1e15",
    "return string.rep('x',3)",
    "redis.call('SET',KEYS[1],3) redis.call('APPEND',KEYS[1],1.5) return redis.call('GET',KEYS[1])",
    "redis.call('SET',KEYS[1],1e20) return redis.call('GET',KEYS[1])",
    "return redis.call('SET',KEYS[1],0.1)",
    "return redis.call('SET',KEYS[1],true)",
    "return redis.call('INCRBY',KEYS[1],2^53)",
    "return redis.call('LRANGE','l1',0,1.0)",
    "return {redis.call('HMGET','h1','m1','m2'),redis.call('EXISTS',KEYS[1])}",
    "local a={} for i=1,5 do a[i]=redis.call('RPUSH','l2',i) end return a",
    "return redis.pcall('HGET',KEYS[1],'m1')",
    "local r=redis.pcall('NOSUCH') return {r.err,type(r)}",
    "return {err='ERR own words'}",
    "return redis.error_reply('-CODE words')",
    "return redis.error_reply('')",
    "error({err='ERR thrown'})",
    "error()",
    "return cjson.encode({x={},y={1,2,{z='\\n'}},n=cjson.null,d=1.25,b=true})",
    "return cjson.encode(ARGV)",
    "return cmsgpack.unpack(cmsgpack.pack({1,2,'x',true}))",
    "return {struct.unpack('>I2h',struct.pack('>I2h',258,-3))}",
    "return {bit.band(255,15),bit.tohex(255,4),bit.lshift(1,4)}",
    "return {type(redis.sha1hex),redis.LOG_WARNING,_VERSION}",
    "return math.floor(2.9)",
    "return -0.5",
    "return {1,nil,2}",
    "return {}",
    "return {{}}",
    "return nil",
    "return false",
    "return",
    "local t={} t['ok']='x' t['err']='y' return t",
    "redis.setresp(3) local r=redis.call('HGETALL','h1') return type(r.map)",
    "redis.setresp(3) return redis.call('ZSCORE','z1','m1')",
    "redis.setresp(3) return {redis.call('GET','nosuch'),false,true}",
    "redis.setresp(4)",
    "return redis.call('SELECT','1')",
    "return redis.breakpoint",
    "return #redis.call('KEYS','*')",
    "return tonumber(ARGV[1]) or 'none'",
    "return string.format('%d %s %5.2f',3,'x',1.5)",
    "return redis.log(redis.LOG_DEBUG,'x')",
    "return {redis.REPL_ALL,redis.set_repl(redis.REPL_ALL)}",
    "return redis.replicate_commands()",
    "return loadstring('return 1')()",
    "return print",
    "return getmetatable('').__index == string",
    "return pcall(function() error('in') end)",
    "return {pcall(redis.call,'INCR','l1')}",
    "return select('#',unpack({1,2,3}))",
    "return table.concat({1,2,3},',')",
    "return next({})",
    "return redis.call('EVAL','return 1','0')",
    "return redis.call('MULTI')",
    "return redis.call('SUBSCRIBE','c1')",
    "#!lua name=x\nreturn 1",
    "#!lua flags=bad\nreturn 1",
    "#!python\nreturn 1",
    "#!lua flags=allow-oom,no-cluster\nreturn 1",
};

}  // namespace

std::string ReasonNotToDraw(const Table::Entry& entry, const KnownSyntax& known) {
  const std::string_view name = entry.command->name;
  for (const Exception& exception : kExceptions) {
    if (exception.command == name) return std::string(exception.reason);
  }
  if (entry.command->run == nullptr) return "a container alone";
  if (!known.HasCommand(name)) return "newer than the oracle";
  return "";
}

Stories::Stories(uint64_t seed, const Table& table, const KnownSyntax& known)
    : dice_(seed), table_(table), requests_(dice_, known) {
  for (size_t i = 0; i < table.size(); ++i) {
    const Entry& entry = table.at(i);
    if (!ReasonNotToDraw(entry, known).empty()) continue;
    commands_.push_back(&entry);
    groups_[std::string(entry.command->group)].push_back(&entry);
  }
}

std::string Stories::Client() {
  constexpr std::string_view kClients[] = {"main", "main", "main", "main", "w1", "w1", "w2", "sub"};
  return dice_.OneOf(kClients);
}

const Stories::Entry& Stories::Command(const std::string& client) {
  if (client == "sub") {
    const auto& channels = groups_["pubsub"];
    return *channels[dice_.Below(channels.size())];
  }
  if (dice_.OnceIn(15)) return *table_.Lookup(in_multi_[client] ? "exec" : "multi");
  if (!dice_.OnceIn(3)) {
    const auto& group = groups_[group_];
    return *group[dice_.Below(group.size())];
  }
  return *commands_[dice_.Below(commands_.size())];
}

// A command that may stand in a script.
Words Stories::Inner() {
  while (true) {
    const auto& commands = dice_.OnceIn(3) ? commands_ : groups_[group_];
    const Entry& entry = *commands[dice_.Below(commands.size())];
    // Since 7.2 scripts may call blocking commands.
    if (entry.has(server::command::kBlocking | server::command::kScript)) continue;
    Words words = requests_.Draw(entry);
    if (!IsUnfit(words) && !HasChance(words)) return words;
  }
}

Words Stories::Script(const Entry& entry) {
  Words words = {entry.command->name == "eval" ? "EVAL" : "EVAL_RO"};
  if (dice_.OnceIn(3)) {
    for (const std::string_view word :
         {dice_.OneOf(kFixedScripts), std::string("1"), std::string("s1"), std::string("a")}) {
      words.emplace_back(word);
    }
    return words;
  }
  words.push_back(dice_.OneOf(kScripts));
  words.emplace_back("0");
  for (std::string& word : Inner()) words.push_back(std::move(word));
  return words;
}

// A question about another command's keys; both want at least one more word than its name.
Words Stories::QuestionOfKeys(const Entry& entry) {
  Words words = {"COMMAND", entry.command->name == "command|getkeys" ? "GETKEYS" : "GETKEYSANDFLAGS"};
  for (std::string& word : Inner()) words.push_back(std::move(word));
  if (words.size() < 4) words.emplace_back("s1");
  return words;
}

Words Stories::Special(const Entry& entry) {
  const std::string_view name = entry.command->name;
  if (!dice_.OnceIn(10) && (name == "eval" || name == "eval_ro")) return Script(entry);
  if (!dice_.OnceIn(10) && name.starts_with("command|getkeys")) return QuestionOfKeys(entry);
  return requests_.Draw(entry);
}

Words Stories::Request(const std::string& client) {
  while (true) {
    const Entry& entry = Command(client);
    // As long as a transaction is open, a blocking command does not wait.
    if (entry.has(server::command::kBlocking) && client == "main" && !in_multi_[client]) continue;
    if (client != "sub" && entry.has(server::command::kPubSub) && entry.command->name.ends_with("scribe"))
      continue;
    Words words = Special(entry);
    // 7.0 sends a message to its own publisher before the reply, 7.2 behind it.
    if (client == "sub" && words[0].ends_with("PUBLISH")) continue;
    if (entry.has(server::command::kBlocking) && !in_multi_[client] && WaitsForSeveral(words)) continue;
    if (IsUnfit(words) || (HasChance(words) && in_multi_[client])) continue;
    ++drawn_[std::string(entry.command->name)];
    if (entry.command->name == "multi") in_multi_[client] = true;
    if (entry.command->name == "exec" || entry.command->name == "discard" || entry.command->name == "reset") {
      in_multi_[client] = false;
    }
    return words;
  }
}

std::vector<Step> Stories::Draw(size_t steps) {
  constexpr std::string_view kThemes[] = {"string",     "bitmap", "list",    "hash",     "set",
                                          "sorted-set", "stream", "generic", "scripting"};
  in_multi_.clear();
  std::vector<Step> story;
  do group_ = dice_.OneOf(kThemes);
  while (!groups_.contains(group_));
  for (const std::string client : {"main", "w1", "w2", "sub"}) {
    if (dice_.OnceIn(2)) story.push_back({client, {"HELLO", "3"}});
  }
  // Small limits, so that the forms for many elements hold few.
  if (dice_.OnceIn(2)) {
    story.push_back({"main",
                     {"CONFIG", "SET", "hash-max-listpack-entries", "2", "zset-max-listpack-entries", "2",
                      "set-max-intset-entries", "2", "list-max-listpack-size", "2"}});
  }
  while (story.size() < steps) {
    const std::string client = Client();
    story.push_back({client, Request(client)});
  }
  return story;
}

}  // namespace holdfast::differential
