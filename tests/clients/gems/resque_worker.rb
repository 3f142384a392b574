# One Resque worker on QUEUES, as `rake resque:work` would start it.
require "resque"
require_relative "resque_jobs"

# Also how long no other worker looks for dead ones.
Resque.heartbeat_interval = 1
Resque.redis = ENV.fetch("REDIS_URL")
Resque::Worker.new(*ENV.fetch("QUEUES").split(",")).tap(&:prepare).work(Float(ENV.fetch("INTERVAL")))
