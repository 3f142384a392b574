#pragma once

#include <span>

#include "server/command/command.h"

// Each family of verbs defines its table at the foot of its file; the command table is built from all of
// them, listed here so that nothing depends on the linker.
namespace holdfast::server::commands {

using Family = std::span<const command::Command>;

Family StringCommands();            // string.cc
Family StringRangeCommands();       // string_range.cc: APPEND, SETRANGE, GETRANGE ...
Family CounterCommands();           // counter.cc: INCR and its kin
Family BitfieldCommands();          // bitfield.cc
Family BitmapCommands();            // bitmap.cc: SETBIT, BITCOUNT ...
Family LcsCommands();               // lcs.cc
Family ListCommands();              // list.cc
Family ListMoveCommands();          // list_move.cc: blocking and moving verbs
Family HashCommands();              // hash.cc
Family HashWalkCommands();          // hash_walk.cc: HGETALL, HRANDFIELD, HSCAN and their kin
Family HashExpiryCommands();        // hash_expiry.cc: HEXPIRE, HTTL, HPERSIST and their kin
Family SetCommands();               // set.cc
Family SetAlgebraCommands();        // set_algebra.cc: SINTER, SUNION, SDIFF and their kin
Family SortedSetCommands();         // sorted_set.cc
Family SortedSetRangeCommands();    // sorted_set_range.cc
Family SortedSetPopCommands();      // sorted_set_pop.cc
Family SortedSetAlgebraCommands();  // sorted_set_algebra.cc: unions, intersections, differences
Family StreamCommands();            // stream.cc: XADD, XRANGE, XTRIM ...
Family StreamReadCommands();        // stream_read.cc: XREAD, XREADGROUP
Family StreamGroupCommands();       // stream_group.cc: XGROUP, XACK
Family StreamPendingCommands();     // stream_pending.cc: XPENDING, XCLAIM, XAUTOCLAIM
Family StreamInfoCommands();        // stream_info.cc: XINFO
Family KeyCommands();               // key.cc
Family ObjectCommands();            // object.cc: OBJECT, MEMORY
Family DumpCommands();              // dump.cc: DUMP, RESTORE
Family ExpiryCommands();            // expiry.cc
Family ScanCommands();              // scan.cc: SCAN, KEYS, RANDOMKEY, DBSIZE, FLUSHDB ...
Family SortCommands();              // sort.cc
Family ConnectionCommands();        // connection.cc
Family ClientCommands();            // client.cc
Family AclFamily();                 // acl.cc
Family ServerCommands();            // server.cc
Family ReplicationCommands();       // replication.cc: WAIT, WAITAOF, REPLICAOF, MIGRATE ...
Family ClusterCommands();           // cluster.cc
Family ModuleCommands();            // module.cc
Family SlowLogCommands();           // slowlog.cc: SLOWLOG, MONITOR
Family LatencyCommands();           // latency.cc
Family MemoryCommands();            // memory.cc
Family DebugCommands();             // debug.cc
Family TransactionCommands();       // transaction.cc: MULTI, EXEC, DISCARD, WATCH, UNWATCH
Family PubSubCommands();            // pubsub.cc
Family ScriptCommands();            // script.cc
Family FunctionCommands();          // function.cc: FCALL, FUNCTION
Family CommandCommands();           // command.cc: COMMAND and its subcommands

// All of the above.
std::span<const Family> AllFamilies();

}  // namespace holdfast::server::commands
