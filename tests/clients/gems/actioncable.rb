# ActionCable's Redis adapter: broadcasts of two servers to their subscribers, across a cut connection.
require "active_support/all"
require "action_cable"
require "action_cable/subscription_adapter/redis"
require_relative "../sidekiq/checks"

# What the adapter needs of an ActionCable server: its settings and its event loop.
class CableServer
  attr_reader :mutex, :logger, :event_loop

  def initialize
    @mutex = Monitor.new
    @logger = Logger.new(File::NULL)
    @event_loop = ActionCable::Connection::StreamEventLoop.new
  end

  def config
    @config ||= ActionCable::Server::Configuration.new.tap do |config|
      config.cable = {"url" => ENV.fetch("REDIS_URL"), "channel_prefix" => "app", "reconnect_attempts" => 3}.with_indifferent_access
    end
  end
end

class ActionCableSuite < Checks
  MESSAGES = 1000

  def initialize
    super("actioncable")
    @adapters = Array.new(2) { ActionCable::SubscriptionAdapter::Redis.new(CableServer.new) }
    @redis = Redis.new(url: ENV.fetch("REDIS_URL"))
  end

  def play
    check("#{MESSAGES} broadcasts reach subscribers of both servers once each") { broadcasts }
    check("100 channels get their own messages only") { many_channels }
    check("after unsubscribing nothing is heard") { unsubscribing }
    check("subscriptions come back after a cut connection") { reconnecting }
    @adapters.each(&:shutdown)
    finish
  end

  private

  # Subscribes and waits for the confirmation; returns the queue that messages arrive in.
  def subscribe(adapter, channel)
    received = Queue.new
    confirmed = Queue.new
    adapter.subscribe(channel, ->(message) { received << message }, -> { confirmed << true })
    assert confirmed.pop, "not confirmed"
    received
  end

  def taken(queue, count)
    eventually("#{count} messages", describe: -> { "only #{queue.size}" }) { queue.size >= count }
    Array.new(queue.size) { queue.pop }
  end

  def broadcasts
    heard = @adapters.map { |adapter| subscribe(adapter, "chat") }
    MESSAGES.times { |number| @adapters[0].broadcast("chat", "message #{number}") }
    expected = (0...MESSAGES).map { |number| "message #{number}" }
    # The adapter hands messages to a pool of threads, so their order may change.
    heard.each { |queue| equal expected.sort, taken(queue, MESSAGES).sort, "messages" }
    equal ["app:chat"], @redis.pubsub(:channels, "app:*"), "channels"
  end

  def many_channels
    heard = (0...100).to_h { |number| [number, subscribe(@adapters[number % 2], "room-#{number}")] }
    heard.each_key { |number| @adapters[1].broadcast("room-#{number}", "to #{number}") }
    heard.each { |number, queue| equal ["to #{number}"], taken(queue, 1), "messages of a room" }
  end

  def unsubscribing
    queue = Queue.new
    confirmed = Queue.new
    callback = ->(message) { queue << message }
    @adapters[0].subscribe("left", callback, -> { confirmed << true })
    confirmed.pop
    @adapters[0].unsubscribe("left", callback)
    eventually("nobody listens") { @redis.pubsub(:numsub, "app:left") == ["app:left", 0] }
    @adapters[1].broadcast("left", "unheard")
    assert queue.empty?, "a message was heard"
  end

  def reconnecting
    queue = subscribe(@adapters[0], "kept")
    before = @redis.call("CLIENT", "LIST", "TYPE", "pubsub").scan(/\bid=(\d+)/).flatten
    equal 2, @redis.call("CLIENT", "KILL", "TYPE", "pubsub"), "connections killed"
    eventually("both have subscribed again") do
      ids = @redis.call("CLIENT", "LIST", "TYPE", "pubsub").scan(/\bid=(\d+)/).flatten
      ids.size == 2 && (ids & before).empty? && @redis.pubsub(:numsub, "app:kept") == ["app:kept", 1]
    end
    @adapters[1].broadcast("kept", "heard again")
    equal ["heard again"], taken(queue, 1), "messages"
  end
end

$stdout.sync = true
exit ActionCableSuite.new.play
