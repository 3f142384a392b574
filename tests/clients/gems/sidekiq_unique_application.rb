# Loaded by the processes of the sidekiq-unique-jobs suite, set up as its README asks.
require_relative "sidekiq_application"
require "sidekiq-unique-jobs"

Sidekiq.configure_server do |config|
  config.client_middleware { |chain| chain.add SidekiqUniqueJobs::Middleware::Client }
  config.server_middleware { |chain| chain.add SidekiqUniqueJobs::Middleware::Server }
  SidekiqUniqueJobs::Server.configure(config)
end

Sidekiq.configure_client do |config|
  config.client_middleware { |chain| chain.add SidekiqUniqueJobs::Middleware::Client }
end

SidekiqUniqueJobs.configure { |config| config.logger_enabled = false }

class UntilExecutedJob < RecordedJob
  sidekiq_options lock: :until_executed
end

class UntilExecutingJob < RecordedJob
  sidekiq_options lock: :until_executing
end

class UntilExpiredJob < RecordedJob
  sidekiq_options lock: :until_expired, lock_ttl: 1000
end

class ReplacedJob < RecordedJob
  sidekiq_options lock: :until_executed, on_conflict: :replace, lock_args_method: :name_only

  def self.name_only(args)
    args.first(1)
  end
end

# Notes when it began and ended. One that finds its argument locked is dropped.
class WhileExecutingJob
  include Sidekiq::Job
  sidekiq_options lock: :while_executing

  def perform(name)
    Journal.note("begin", name)
    sleep(0.02)
    Journal.note("end", name)
  end
end
