# What redis-rb 5 sends: pipelines, transactions, messages, blocking pops, scans, streams, scripts, a cut connection.
require "redis"
require_relative "../sidekiq/checks"

class RedisRb < Checks
  JOBS = 1000
  WORKERS = 4

  def initialize
    super("redis-rb")
    @redis = connect
  end

  def play
    check("pipelines answer in order, an error in its place") { pipelines }
    check("WATCH lets eight threads count to 200") { optimistic_counters }
    check("replies have Ruby's types") { typed_replies }
    check("#{JOBS + 1} messages arrive once and in order") { messages }
    check("#{WORKERS} threads in BRPOP take #{JOBS} jobs once each") { blocking_pops }
    check("scans find every element") { scans }
    check("scripts answer, and raise what Redis raises") { scripts }
    check("streams and a consumer group") { streams }
    check("fields of a hash expire, as Sidekiq Pro's tags of batches do") { batch_tags }
    check("a cut connection is opened again") { cut_connection }
    finish
  end

  private

  attr_reader :redis

  def connect(**options)
    Redis.new(url: ENV.fetch("REDIS_URL"), **options)
  end

  def pipelines
    replies = redis.pipelined(exception: false) do |pipe|
      JOBS.times { |number| pipe.rpush("list", number) }
      pipe.incr("list")
      pipe.lrange("list", 0, -1)
    end
    equal (1..JOBS).to_a, replies.first(JOBS), "lengths"
    assert replies[JOBS].is_a?(RedisClient::CommandError), "an error was expected, not #{replies[JOBS].inspect}"
    equal "WRONGTYPE Operation against a key holding the wrong kind of value", replies[JOBS].message[/\AWRONGTYPE[^(]*value/], "error"
    equal (0...JOBS).map(&:to_s), replies.last, "the list"
  end

  def optimistic_counters
    threads = Array.new(8) do
      Thread.new do
        client = connect
        25.times { nil until increment(client) }
        client.close
      end
    end
    threads.each(&:join)
    equal "200", redis.get("counter"), "the counter"
  end

  def increment(client)
    client.watch("counter") do
      value = client.get("counter").to_i
      client.multi { |transaction| transaction.set("counter", value + 1) }
    end
  end

  def typed_replies
    redis.mapped_hmset("hash", "a" => 1, "b" => 2)
    equal({"a" => "1", "b" => "2"}, redis.hgetall("hash"), "HGETALL")
    redis.zadd("scores", [[1.5, "a"], ["-inf", "b"]])
    equal [["b", -Float::INFINITY], ["a", 1.5]], redis.zrange("scores", 0, -1, with_scores: true), "ZRANGE"
    equal 1.6, redis.zincrby("scores", 0.1, "a"), "ZINCRBY"
    equal ["scores", "b", -Float::INFINITY], redis.bzpopmin("scores", timeout: 1), "BZPOPMIN"
    equal [true, false], [redis.set("key", 1, nx: true), redis.set("key", 1, nx: true)], "SET NX"
    equal [true, false], [redis.expire("key", 100), redis.expire("none", 100)], "EXPIRE"
    equal true, redis.sadd?("set", "x"), "SADD"
    equal [true, false], redis.smismember("set", "x", "y"), "SMISMEMBER"
    equal "hash", redis.type("hash"), "TYPE"
    assert redis.info["redis_version"].start_with?("7."), "redis_version"
    bytes = (0..255).to_a.pack("C*")
    redis.set(bytes, bytes)
    equal bytes, redis.get(bytes).b, "all bytes"
  end

  def messages
    received = Queue.new
    listener = Thread.new do
      connect.subscribe("jobs", "news") do |on|
        on.subscribe { |_channel, count| received << :ready if count == 2 }
        on.message { |_channel, message| message == "stop" ? connect.publish("jobs", "never heard") && Thread.exit : received << message }
      end
    end
    equal :ready, received.pop, "the subscription"
    receivers = redis.pipelined { |pipe| JOBS.times { |number| pipe.publish("jobs", number) } }
    equal [1], receivers.uniq, "receivers"
    redis.publish("news", "last")
    equal [*(0...JOBS).map(&:to_s), "last"], Array.new(JOBS + 1) { received.pop }, "messages"
    redis.publish("jobs", "stop")
    listener.join
  end

  def blocking_pops
    done = Queue.new
    threads = Array.new(WORKERS) do
      Thread.new do
        client = connect
        while (job = client.brpop("critical", "default", timeout: 0)[1]) != "stop"
          done << job
        end
      end
    end
    JOBS.times { |number| redis.lpush(number.even? ? "critical" : "default", number) }
    eventually("every job is taken") { done.size == JOBS }
    redis.lpush("default", ["stop"] * WORKERS)
    threads.each(&:join)
    same_members (0...JOBS).map(&:to_s), Array.new(JOBS) { done.pop }, "jobs"
    equal nil, redis.brpop("default", timeout: 0.01), "BRPOP of an empty list"
  end

  def scans
    members = (0...3000).map { |number| "member:#{number}" }
    redis.sadd("scan:set", members)
    redis.mapped_hmset("scan:hash", members.to_h { |member| [member, "1"] })
    redis.zadd("scan:zset", members.each_with_index.map { |member, score| [score, member] })
    redis.mapped_mset(members.to_h { |member| [member, "1"] })
    same_members members, redis.sscan_each("scan:set", count: 100).to_a, "SSCAN"
    same_members members, redis.hscan_each("scan:hash").map(&:first), "HSCAN"
    same_members members.each_with_index.map { |member, score| [member, score.to_f] }, redis.zscan_each("scan:zset").to_a, "ZSCAN"
    same_members members, redis.scan_each(match: "member:*", type: "string").to_a, "SCAN"
  end

  def scripts
    sha = redis.script(:load, "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
    equal ["scripted", "x", 1], redis.evalsha(sha, ["scripted"], ["x"]), "EVALSHA"
    redis.script(:flush)
    error = raised { redis.evalsha(sha, ["scripted"], ["x"]) }
    assert error.is_a?(Redis::NoScriptError), error.inspect
    error = raised { redis.eval("return redis.call('LPUSH', KEYS[1], 1)", ["scripted"]) }
    assert error.message.start_with?("WRONGTYPE Operation against"), error.message
    error = raised { redis.eval("return {err = 'MINE of my own'}") }
    assert error.message.start_with?("MINE of my own"), error.message
  end

  def raised
    yield
    raise Failed, "nothing was raised"
  rescue Redis::BaseError => error
    error
  end

  def streams
    ids = redis.pipelined { |pipe| 100.times { |number| pipe.xadd("log", {number: number}) } }
    redis.xgroup(:create, "log", "group", "0")
    entries = redis.xreadgroup("group", "me", "log", ">", count: 10).fetch("log")
    equal ids.first(10), entries.map(&:first), "the first ten"
    equal 10, redis.xpending("log", "group")["size"], "pending"
    equal 10, redis.xack("log", "group", ids.first(10)), "acknowledged"
    equal 90, redis.xtrim("log", 10), "trimmed"
  end

  # Each field is a tag and a batch; the batch takes its own away, or time does. New in Redis 7.4.
  def batch_tags
    return puts("        this server has no HEXPIRE") if redis.call("COMMAND", "INFO", "HEXPIRE").first.nil?
    tags = %w[client:1234|bid1 etl|bid1 etl|bid2]
    replies = redis.multi do |transaction|
      transaction.hset("batch-tags", tags.to_h { |tag| [tag, "1"] })
      transaction.call("HEXPIRE", "batch-tags", 2_592_000, "FIELDS", tags.size, *tags)
    end
    equal [3, [1, 1, 1]], replies, "HSET and HEXPIRE"
    same_members tags.last(2), redis.hscan_each("batch-tags", match: "etl|*").map(&:first), "HSCAN"
    equal 1, redis.hdel("batch-tags", tags[0]), "HDEL"
    assert redis.call("HTTL", "batch-tags", "FIELDS", 1, tags[1])[0].between?(2_591_000, 2_592_000), "HTTL"
    equal [1, 0], redis.call("HPEXPIRE", "batch-tags", 50, "LT", "FIELDS", 2, tags[1], tags[1]), "HPEXPIRE LT"
    eventually("a field goes") { redis.hlen("batch-tags") == 1 }
    equal [-2], redis.call("HTTL", "batch-tags", "FIELDS", 1, tags[1]), "HTTL of what is gone"
    equal [1], redis.call("HPERSIST", "batch-tags", "FIELDS", 1, tags[2]), "HPERSIST"
    equal [-1], redis.call("HTTL", "batch-tags", "FIELDS", 1, tags[2]), "HTTL of what stays"
    equal [2], redis.call("HEXPIRE", "batch-tags", 0, "FIELDS", 1, tags[2]), "HEXPIRE of now"
    equal false, redis.exists?("batch-tags"), "EXISTS"
  end

  def cut_connection
    victim = connect(reconnect_attempts: 1)
    20.times do
      redis.call("CLIENT", "KILL", "ID", victim.call("CLIENT", "ID"))
      equal "PONG", victim.ping, "PING after the cut"
    end
  end
end

$stdout.sync = true
exit RedisRb.new.play
