# The application under test: its jobs, as a team would write them for either Sidekiq. Loaded by the `sidekiq`
# process and by the process that pushes.
require "sidekiq"
require_relative "journal"

# redis-rb 4.8 warns at every SADD of Sidekiq 6.4.
Redis.silence_deprecations = true if defined?(Redis)

JOURNAL = Journal.open_from_environment

# Tells a job which attempt it is on (0 the first), which Sidekiq keeps in the payload only.
class AttemptMiddleware
  def call(_job, payload, _queue)
    # A retry by hand takes one off the count so that it does not use up an attempt.
    Thread.current[:attempt] = payload.key?("retry_count") ? [payload["retry_count"] + 1, 1].max : 0
    yield
  end
end

Sidekiq.configure_server do |config|
  options = config.respond_to?(:options) ? config.options : config
  options[:poll_interval_average] = 1
  config.server_middleware { |chain| chain.add AttemptMiddleware }
end

module Recorded
  def self.included(base)
    base.include Sidekiq::Job
  end

  def perform(*args)
    record("start")
    work(*args)
    record("done")
  rescue Sidekiq::Shutdown
    record("stop")
    raise
  rescue
    record("fail")
    raise
  end

  private

  def attempt
    Thread.current[:attempt]
  end

  def record(event)
    JOURNAL.write(event, self, attempt)
  end
end

class QuickJob
  include Recorded

  def work(*)
  end
end

# Holds its thread until the process is stopped, if SLOW_SECONDS says so.
class SlowJob
  include Recorded
  sidekiq_options queue: "critical"

  def work(*)
    sleep Float(ENV.fetch("SLOW_SECONDS", "0"))
  end
end

# Fails as often as it is told, then succeeds; Sidekiq's own scheduler brings it back within some seconds.
class FlakyJob
  include Recorded
  sidekiq_options queue: "low", retry: 5, backtrace: 5
  sidekiq_retry_in { 1 }

  def work(failures, *)
    raise "flaky on purpose, “quoted” and binary \xFF" if attempt < failures
  end
end

# Fails once and would wait for an hour: stays in the retry set until somebody acts on it.
class PatientJob
  include Recorded
  sidekiq_options queue: "low"
  sidekiq_retry_in { 3600 }

  def work(*)
    raise "waiting for a hand" if attempt.zero?
  end
end

# Fails and is not retried: goes to the dead set at once; succeeds when it is brought back from there.
class DoomedJob
  include Recorded
  sidekiq_options queue: "low", retry: 0

  def work(*)
    raise ArgumentError, "doomed" if attempt.zero?
  end
end

require_relative "counting_job" if defined?(Sidekiq::IterableJob)
