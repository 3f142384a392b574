# ActiveSupport's RedisCacheStore, and rack-attack counting on it.
require "active_support"
require "active_support/cache"
require "active_support/cache/redis_cache_store"
require "rack/attack"
require "rack/mock"
require_relative "../sidekiq/checks"

class RailsCache < Checks
  def initialize
    super("rails-cache")
    @cache = ActiveSupport::Cache::RedisCacheStore.new(url: ENV.fetch("REDIS_URL"), namespace: "cache",
      error_handler: ->(method:, returning:, exception:) { raise exception })
  end

  def play
    check("entries are written, read and missed") { entries }
    check("many entries at once") { many_entries }
    check("entries expire") { expiring }
    check("eight threads increment to 800") { counters }
    check("entries are deleted by pattern and all at once, those of others stay") { deleting }
    check("a throttled client is refused from the sixth request on") { throttling }
    check("a client that misbehaves is banned") { banning }
    finish
  end

  private

  attr_reader :cache

  def entries
    value = {"name" => "Ärger", "list" => [1, 2.5, nil], "long" => "x" * 100_000}
    equal true, cache.write("entry", value), "write"
    equal value, cache.read("entry"), "read"
    equal nil, cache.read("none"), "a miss"
    equal [1, 1], Array.new(2) { |turn| cache.fetch("fetched") { turn + 1 } }, "fetch"
    equal false, cache.write("entry", 1, unless_exist: true), "write unless it exists"
    cache.write("nothing", nil)
    equal [true, false], [cache.exist?("nothing"), cache.exist?("none")], "exist?"
    equal [true, false], [cache.delete("entry"), cache.delete("entry")], "delete"
  end

  def many_entries
    written = (0...1000).to_h { |number| ["many-#{number}", number] }
    cache.write_multi(written, expires_in: 100)
    equal written, cache.read_multi(*written.keys), "read_multi"
    fetched = cache.fetch_multi("many-1", "new") { |name| "made for #{name}" }
    equal({"many-1" => 1, "new" => "made for new"}, fetched, "fetch_multi")
    equal 1000, cache.delete_multi(written.keys), "delete_multi"
  end

  def expiring
    cache.write("short", 1, expires_in: 0.05)
    cache.write("long", 1, expires_in: 1000)
    eventually("the entry is gone") { cache.redis.with { |redis| redis.exists("cache:short").zero? } }
    equal [nil, 1], [cache.read("short"), cache.read("long")], "values"
    left = cache.redis.with { |redis| redis.pttl("cache:long") }
    assert left.between?(900_000, 1_000_000), "#{left} ms left"
  end

  def counters
    threads = Array.new(8) { Thread.new { 100.times { cache.increment("hits", 1, expires_in: 100) } } }
    threads.each(&:join)
    equal 800, Integer(cache.read("hits", raw: true)), "hits"
    equal 790, cache.decrement("hits", 10), "after decrement"
  end

  def deleting
    cache.redis.with { |redis| redis.set("another", 1) }
    2500.times.each_slice(500) { |part| cache.write_multi(part.to_h { |number| ["page/#{number}", number] }) }
    cache.write("kept", 1)
    cache.delete_matched("page/*")
    equal [nil, nil, 1], cache.redis.with { |redis| [cache.read("page/0"), cache.read("page/2499"), cache.read("kept")] }, "values"
    cache.clear
    equal ["another"], cache.redis.with { |redis| redis.keys("*") }, "keys left"
  end

  def application
    Rack::MockRequest.new(Rack::Attack.new(->(_environment) { [200, {}, ["served"]] }))
  end

  def throttling
    Rack::Attack.cache.store = cache
    # So long a period that its end does not fall into this test.
    Rack::Attack.throttle("by address", limit: 5, period: 1_000_000) { |request| request.ip }
    statuses = Array.new(8) { application.get("/", "REMOTE_ADDR" => "192.0.2.1").status }
    equal [200] * 5 + [429] * 3, statuses, "statuses"
    equal 200, application.get("/", "REMOTE_ADDR" => "192.0.2.2").status, "another client's status"
  end

  def banning
    Rack::Attack.blocklist("bad logins") do |request|
      Rack::Attack::Allow2Ban.filter(request.ip, maxretry: 3, findtime: 1000, bantime: 1000) { request.path == "/login" }
    end
    Rack::Attack.throttles.clear
    statuses = Array.new(5) { application.get("/login", "REMOTE_ADDR" => "192.0.2.3").status }
    equal [200, 200, 200, 403, 403], statuses, "statuses"
    equal 403, application.get("/", "REMOTE_ADDR" => "192.0.2.3").status, "status elsewhere"
    Rack::Attack::Allow2Ban.reset("192.0.2.3", findtime: 1000)
    equal 200, application.get("/", "REMOTE_ADDR" => "192.0.2.3").status, "status after the reset"
  end
end

$stdout.sync = true
exit RailsCache.new.play
