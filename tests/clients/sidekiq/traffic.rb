# Producers and a worker that go on while the server at REDIS_URL comes and goes; for tests/crash.
# Pushes until TERM, then waits until every queue and set is empty, stops the worker and exits with 0.
#
# FOLDER/journal: what jobs did (journal.rb). FOLDER/pushes: what each push told its caller, one line a job:
#   returned <kind> <jid> <begun> <ended>       the push returned this jid
#   raised <kind> <error class> <begun> <ended> the push raised: whether the job is queued is unknown to anyone
# with times as in the journal.
require "json"
require "logger"

FOLDER = ENV.fetch("FOLDER")
ENV["JOURNAL"] = File.join(FOLDER, "journal")

require_relative "app"
require "sidekiq/api"
require_relative "checks"
require_relative "edition"
require_relative "worker"

class Traffic
  PAUSE_SECONDS = 0.02
  # Jobs a push: the count that a push puts at stake when it raises.
  BATCH = 20
  DRAIN_SECONDS = 120

  def initialize
    @pushes = File.open(File.join(FOLDER, "pushes"), File::WRONLY | File::APPEND | File::CREAT)
    @stopping = false
    Signal.trap("TERM") { @stopping = true }
  end

  def run(threads)
    @worker = Worker.new(threads: threads, timeout: 10, log: File.join(FOLDER, "sidekiq.log"))
    producers.each(&:join)
    drain
    @worker.signal("TERM")
    checks.eventually("the worker ends") { @worker.exit_status }
    @worker.exit_status
  end

  private

  def producers
    3.times.map { produce("async", 1) { |number| [QuickJob.perform_async(number)] } } + [
      produce("bulk", BATCH) { |number| QuickJob.perform_bulk([[number, "x" * 500]] * BATCH) },
      produce("scheduled", 1) { |number| [QuickJob.perform_in(0.5 + number % 3, number)] },
      produce("flaky", 1) { |number| number % 10 == 0 ? [FlakyJob.perform_async(1)] : [] }
    ]
  end

  def produce(kind, count)
    Thread.new do
      number = 0
      until @stopping
        push(kind, count) { yield number }
        number += 1
        sleep PAUSE_SECONDS
      end
    end
  end

  def push(kind, count)
    begun = Journal.now
    outcomes = yield.map { |jid| "returned #{kind} #{jid}" }
  rescue => error
    outcomes = ["raised #{kind} #{error.class}"] * count
  ensure
    @pushes.syswrite(outcomes.map { |outcome| "#{outcome} #{begun} #{Journal.now}\n" }.join) if outcomes.any?
  end

  # A job between a queue and the retry set is in neither: empty counts only when it stays so for a while.
  def drain
    empty_in_a_row = 0
    checks.eventually("everything is drained", seconds: DRAIN_SECONDS, describe: -> { waiting.inspect }) do
      empty_in_a_row = waiting.sum.zero? ? empty_in_a_row + 1 : 0
      empty_in_a_row == 20
    end
  end

  def waiting
    stats = Sidekiq::Stats.new
    [stats.enqueued, stats.scheduled_size, stats.retry_size]
  end

  def checks
    @checks ||= Checks.new("traffic")
  end
end

Edition.quiet_logger
exit Traffic.new.run(Integer(ENV.fetch("THREADS")))
