# The day on which the disk of a Sidekiq application's server fills, told to the server at REDIS_URL, which must be
# empty and have a small quota. Sidekiq 7.3 only. FOLDER is where journal, ledger and logs go.
#
# The books are kept outside the server: FOLDER/journal says what jobs did (journal.rb), FOLDER/pushes what each push
# told its caller (push_ledger.rb). Prints one line a claim and at the end "sidekiq-full-day: N passed, M failed".
require "json"
require "logger"

ENV["JOURNAL"] ||= File.join(ENV.fetch("FOLDER"), "journal")

require_relative "app"
require "sidekiq/api"
require "sidekiq/component"
require "sidekiq/metrics/tracking"
require "sidekiq/scheduled"
require_relative "checks"
require_relative "edition"
require_relative "push_ledger"
require_relative "worker"

class FullDay < Checks
  PADDING = "p" * 4000
  PRODUCERS = 4
  THREADS = 10
  # Fewer than THREADS: the others go on draining while these hold theirs.
  SLOW_JOBS = 6
  SCHEDULED_JOBS = 200
  # Of each, mixed among the first jobs, so that they fail while the queue is still long.
  FAILING_JOBS = 30
  # A refused producer comes back after this long, as one that is polite does.
  BACK_OFF_SECONDS = 0.005
  MOST_JOBS = 100_000
  REFUSAL = "RedisClient::OutOfMemoryError"

  def initialize(folder)
    super("sidekiq-full-day")
    @folder = folder
    @ledger = PushLedger.new(File.join(folder, "pushes"))
    @journal = JournalReader.new(ENV.fetch("JOURNAL"))
  end

  def play
    check("jobs of every kind are pushed while there is room") { push_all_kinds }
    check("producers push until perform_async raises #{REFUSAL}") { fill }
    check("what is stored is exactly what was accepted") { stored_is_accepted }
    check("the scheduler of a worker that starts at full may note its cleanup") { note_cleanup }
    check("metrics of jobs that a worker did are written at full") { flush_metrics }
    check("a process can be told to be quiet and to stop at full") { signal_process }
    check("producers hammer, a worker drains, jobs fail into retry and dead, others come due") { drain_under_fire }
    check("TERM at full: slow jobs are given back and the process exits with 0") { terminate }
    check("a new worker does the slow jobs while producers hammer on") { restart }
    check("producers cease and the worker empties the queue") { empty }
    check("producers succeed again and their jobs are done") { push_again }
    check("no worker was ever refused") { workers_were_served }
    check("every accepted job is accounted for, and no refused one was stored") { account }
    puts "        #{figures}"
    finish
  ensure
    @hammering = false
  end

  private

  attr_reader :journal, :ledger

  def push_all_kinds
    SLOW_JOBS.times { push("slow") { SlowJob.perform_async(PADDING) } }
    SCHEDULED_JOBS.times { |number| push("scheduled") { QuickJob.perform_in(1 + number / 100.0, PADDING) } }
    FAILING_JOBS.times do
      push("flaky") { FlakyJob.set(queue: "default").perform_async(1, PADDING) }
      push("patient") { PatientJob.set(queue: "default").perform_async(PADDING) }
      push("doomed") { DoomedJob.set(queue: "default").perform_async(PADDING) }
      push_quick
    end
    equal [], ledger.refused.map(&:outcome), "refusals"
    @jids = ledger.lines.group_by(&:kind).transform_values { |lines| lines.map(&:jid) }
  end

  # A checkpoint that catches up gives some room back: until it does not.
  def fill
    eventually("the disk stays full") do
      threads = PRODUCERS.times.map { Thread.new { (MOST_JOBS / PRODUCERS).times.find { !push_quick } } }
      assert threads.all?(&:value), "#{MOST_JOBS} jobs were accepted and none refused"
      Sidekiq.redis { |connection| connection.call("SAVE") }
      full?
    end
    equal [REFUSAL], ledger.refused.map(&:outcome).uniq, "what refused pushes raised"
    assert_full
    @filled = ledger.accepted.size
  end

  def stored_is_accepted
    stats = Sidekiq::Stats.new
    equal ledger.accepted.size, stats.enqueued + stats.scheduled_size, "jobs counted"
    equal ledger.accepted.sort, stored.sort, "jids stored"
  end

  # What its scheduler's thread does first, SET process_cleanup 1 NX EX 60. An error there ends that thread, and is
  # raised again at TERM before the jobs in hand are given back: they would be lost.
  def note_cleanup
    Sidekiq::Scheduled::Poller.new(Sidekiq.default_configuration).send(:cleanup)
    assert_full
  ensure
    # So that the worker does it again.
    Sidekiq.redis { |connection| connection.call("DEL", "process_cleanup") }
  end

  # What a worker does every minute for each class of job: HINCRBY, BITFIELD ... INCRBY and EXPIRE.
  def flush_metrics
    tracker = Sidekiq::Metrics::ExecutionTracker.new(Sidekiq.default_configuration)
    tracker.track("default", QuickJob) {}
    tracker.flush
    assert_full
  end

  # What the web page does: MULTI, LPUSH <identity>-signals, EXPIRE. No such process reads it.
  def signal_process
    process = Sidekiq::Process.new("identity" => "web-1:4711:0123456789ab", "quiet" => "false")
    process.quiet!
    process.stop!
    signals = Sidekiq.redis { |connection| connection.call("LRANGE", "web-1:4711:0123456789ab-signals", 0, -1) }
    raise "#{signals} have arrived" unless signals == %w[TERM TSTP]
    assert_full
  ensure
    Sidekiq.redis { |connection| connection.call("DEL", "web-1:4711:0123456789ab-signals") }
  end

  def drain_under_fire
    hammer
    @worker = start_worker(timeout: 1, slow_seconds: 600)
    eventually("slow jobs hold their threads", describe: log_end) { journaled("start", "slow").size == SLOW_JOBS }
    eventually("flaky and patient jobs have failed", describe: log_end) do
      journaled("fail", "flaky", "patient").uniq.size == 2 * FAILING_JOBS
    end
    eventually("doomed jobs are dead", describe: log_end) { Sidekiq::DeadSet.new.size == FAILING_JOBS }
    eventually("patient jobs wait for their retry", describe: log_end) do
      (@jids["patient"] - jids(Sidekiq::RetrySet)).empty?
    end
    eventually("scheduled jobs came due and were enqueued", describe: log_end) { Sidekiq::ScheduledSet.new.size.zero? }
    same_members @jids["doomed"], jids(Sidekiq::DeadSet), "dead jobs"
    failures = journal.refresh.named("fail").map { |event| Float(event.time) }
    assert refusals_in(failures.min..Journal.now).positive?, "no producer was refused after the first job had failed"
    assert Sidekiq::Queue.new.size.positive?, "the queue is drained already"
  end

  def terminate
    # As a deploy does: no new jobs from here on, so that the producers fill the disk, while slow jobs hold on.
    @worker.signal("TSTP")
    eventually("the worker is quiet") { @worker.logged?("Received TSTP") }
    quiet = Journal.now
    eventually("producers are refused") { refusals_in(quiet..Journal.now) > PRODUCERS }
    @worker.signal("TERM")
    eventually("the process ends", describe: log_end) { @worker.exit_status }
    equal 0, @worker.exit_status, "exit status of sidekiq"
    same_members @jids["slow"], journaled("stop", "slow"), "interrupted jobs"
    same_members @jids["slow"], jids(Sidekiq::Queue, "critical"), "jobs given back"
  end

  def restart
    @worker = start_worker(timeout: 10, slow_seconds: 0)
    eventually("slow jobs are done", describe: log_end) { (@jids["slow"] - journal.refresh.jids("done")).empty? }
  end

  def empty
    @hammering = false
    @hammers.each(&:join)
    eventually_done("all is done but what waits")
    eventually("the queues are empty") { Sidekiq::Stats.new.enqueued.zero? }
  end

  def push_again
    eventually("there is room") { info["disk_level"] == "normal" }
    again = 100.times.count { push_quick }
    equal 100, again, "pushes accepted"
    eventually_done("their jobs are done")
    @worker.signal("TERM")
    eventually("the process ends", describe: log_end) { @worker.exit_status }
    equal 0, @worker.exit_status, "exit status of sidekiq"
  end

  def workers_were_served
    wrong = File.readlines(@worker.log).map(&:scrub).grep(/OOM|OutOfMemory|Failed to requeue|heartbeat:/)
    equal [], wrong.map { |line| line[0, 200] }, "complaints in the log"
  end

  def account
    done = journal.refresh.jids("done")
    dead, waiting = jids(Sidekiq::DeadSet), jids(Sidekiq::RetrySet)
    equal ledger.accepted.sort, (done + dead + waiting + queued).sort, "accepted jobs, each once done or kept"
    same_members @jids["doomed"], dead, "dead jobs"
    same_members @jids["patient"], waiting, "jobs that wait for their retry"
    equal [], queued, "jobs in queues"
    equal [], ledger.refused.map(&:jid) & journal.jids("start"), "refused jobs that were executed"
    equal [REFUSAL], ledger.refused.map(&:outcome).uniq, "what refused pushes raised"
    twice = journal.starts.select { |_jid, count| count > 1 }.keys
    same_members @jids["slow"] + @jids["flaky"] | journal.jids("stop"), twice, "jobs begun twice"
    counted = Integer(info["refused_disk_full"])
    assert counted >= ledger.refused.size, "the server counted #{counted} refusals, producers #{ledger.refused.size}"
  end

  # Producers that push on, until @hammering is false, whatever they are told.
  def hammer
    @hammering = true
    @hammers = PRODUCERS.times.map do
      Thread.new { push_quick || sleep(BACK_OFF_SECONDS) while @hammering }
    end
  end

  def push(kind, &block)
    ledger.push(kind, &block)
  end

  def push_quick
    push("quick") { QuickJob.perform_async(PADDING) }
  end

  def start_worker(timeout:, slow_seconds:)
    Worker.new(threads: THREADS, timeout: timeout, log: File.join(@folder, "sidekiq.log"),
      environment: {"SLOW_SECONDS" => slow_seconds.to_s})
  end

  # Nobody may be pushing.
  def eventually_done(what)
    expected = ledger.accepted("slow", "scheduled", "flaky", "quick")
    eventually(what, describe: log_end) { (expected - journal.refresh.jids("done")).empty? }
  end

  def journaled(event, *kinds)
    journal.refresh.jids(event) & @jids.values_at(*kinds).flatten
  end

  def refusals_in(span)
    ledger.refused.count { |line| span.cover?(line.begun) }
  end

  def queued
    Sidekiq::Queue.all.flat_map { |queue| queue.map(&:jid) }
  end

  def stored
    queued + jids(Sidekiq::ScheduledSet)
  end

  def jids(set, *names)
    set.new(*names).map(&:jid)
  end

  def assert_full
    assert full?, "disk_level is #{info["disk_level"]}"
  end

  def full?
    %w[full exhausted].include?(info["disk_level"])
  end

  def info
    text = Sidekiq.redis { |connection| connection.call("INFO", "holdfast") }
    text.lines(chomp: true).filter_map { |line| line.split(":", 2) if line.include?(":") }.to_h
  end

  def figures
    "#{@filled} jobs filled the disk; #{ledger.accepted.size} accepted and #{ledger.refused.size} refused in all, " \
      "#{journal.named("done").size} done, #{Sidekiq::DeadSet.new.size} dead, #{Sidekiq::RetrySet.new.size} waiting"
  end

  def log_end
    -> { "\n#{File.readlines(@worker.log).last(15).join}" }
  end
end

$stdout.sync = true
Edition.quiet_logger
Sidekiq.configure_client { |config| config.client_middleware { |chain| chain.add PushLedger::Middleware } }
exit FullDay.new(ENV.fetch("FOLDER")).play
