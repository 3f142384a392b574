# Redlock: one holder at a time, locks that run out, are extended and are not released by strangers.
require "redlock"
require_relative "../sidekiq/checks"

class RedlockSuite < Checks
  def initialize
    super("redlock")
    @locks = client
    @redis = RedisClient.config(url: ENV.fetch("REDIS_URL")).new_client
  end

  def play
    check("ten threads hold a lock 200 times, one at a time") { one_at_a_time }
    check("a held lock is refused, a released one is given") { refusing }
    check("a lock runs out by itself and its holder cannot release another's") { running_out }
    check("a lock is extended by its holder only") { extending }
    check("scripts are loaded again after SCRIPT FLUSH") { script_flush }
    finish
  end

  private

  def client
    Redlock::Client.new([ENV.fetch("REDIS_URL")], retry_count: 2000, retry_delay: 2, retry_jitter: 2)
  end

  def one_at_a_time
    inside = 0
    most = []
    threads = Array.new(10) do
      Thread.new do
        own = client
        20.times do
          own.lock!("counter", 30_000) do
            most << (inside += 1)
            Thread.pass
            inside -= 1
          end
        end
      end
    end
    threads.each(&:join)
    equal [1] * 200, most, "holders at once"
    equal nil, @redis.call("GET", "counter"), "the lock afterwards"
  end

  def refusing
    impatient = Redlock::Client.new([ENV.fetch("REDIS_URL")], retry_count: 0)
    held = @locks.lock("held", 30_000)
    assert held && held[:validity].between?(1, 30_000), "no lock: #{held}"
    equal false, impatient.lock("held", 1000), "a second lock"
    equal true, impatient.locked?("held"), "locked?"
    @locks.unlock(held)
    equal false, impatient.locked?("held"), "locked? after the release"
    assert impatient.lock("held", 1000), "a released lock is refused"
  end

  def running_out
    short = @locks.lock("short", 50)
    second = @locks.lock("short", 30_000)
    assert second && second[:value] != short[:value], "the lock did not run out"
    @locks.unlock(short)
    equal second[:value], @redis.call("GET", "short"), "the lock after a stranger's release"
  end

  def extending
    held = @locks.lock("extended", 10_000)
    longer = @locks.lock("extended", 60_000, extend: held)
    equal held[:value], longer[:value], "value"
    left = @redis.call("PTTL", "extended")
    assert left.between?(30_000, 60_000), "#{left} ms left"
    remaining = @locks.get_remaining_ttl_for_resource("extended")
    assert remaining.between?(20_000, left), "#{remaining} ms remain by its own account"
    stranger = {resource: "extended", value: "mine", validity: 1000}
    equal false, Redlock::Client.new([ENV.fetch("REDIS_URL")], retry_count: 0).lock("extended", 99_000, extend: stranger), "a stranger's extension"
  end

  def script_flush
    @redis.call("SCRIPT", "FLUSH")
    held = @locks.lock("flushed", 10_000)
    @locks.unlock(held)
    equal nil, @redis.call("GET", "flushed"), "the lock"
  end
end

$stdout.sync = true
exit RedlockSuite.new.play
