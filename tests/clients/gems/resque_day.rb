# Resque with real workers: jobs, failures and their requeue, priorities, a worker killed with a job in its hands.
require "resque"
require_relative "../sidekiq/checks"
require_relative "journal"
require_relative "processes"
require_relative "resque_jobs"

JOBS = 1000

class ResqueDay < Checks
  include Processes

  def initialize
    super("resque")
  end

  def play
    check("#{JOBS} jobs run once each on two workers") { many_jobs }
    check("queues are emptied in the order asked for") { priorities }
    check("failed jobs are kept with their error and requeued") { failures }
    check("a killed worker is pruned and its job ends as failed") { killed_worker }
    check("jobs are found, peeked at and removed before they run") { waiting_jobs }
    finish
  ensure
    kill_all
  end

  private

  def start_worker(queues, environment = {})
    start("resque_worker.rb", environment: {"QUEUES" => queues, "INTERVAL" => "0.1", "TERM_CHILD" => "1"}.merge(environment))
  end

  def many_jobs
    JOBS.times { |number| Resque.enqueue(QuickJob, number) }
    equal JOBS, Resque.size("default"), "size of the queue"
    equal JOBS, Resque.info[:pending], "pending jobs"
    workers = [start_worker("default", "FORK_PER_JOB" => "false"), start_worker("default")]
    eventually("every job is done", seconds: 60) { Journal.read.size == JOBS && Resque.info[:processed] == JOBS }
    equal (0...JOBS).to_h { |number| ["done #{number}", 1] }, Journal.read.tally, "how often each job ran"
    equal 0, Resque.info[:failed], "failed jobs"
    stop(workers)
    equal [], Resque.workers, "workers after their end"
  end

  def priorities
    10.times { |number| Resque.enqueue_to("low", QuickJob, "low-#{number}") }
    10.times { |number| Resque.enqueue_to("high", QuickJob, "high-#{number}") }
    worker = start_worker("high,low", "FORK_PER_JOB" => "false")
    eventually("both queues are empty") { Journal.read.grep(/(low|high)-/).size == 20 }
    stop([worker])
    expected = %w[high low].flat_map { |queue| (0...10).map { |number| "done #{queue}-#{number}" } }
    equal expected, Journal.read.last(20), "order"
  end

  def failures
    Resque.enqueue(FailingJob, "on purpose")
    worker = start_worker("default")
    eventually("the job has failed") { Resque::Failure.count == 1 }
    failure = Resque::Failure.all
    equal ["RuntimeError", "on purpose", ["on purpose"]], [failure["exception"], failure["error"], failure["payload"]["args"]],
      "the failure"
    Resque::Failure.requeue(0)
    eventually("it has failed again") { Resque::Failure.count == 2 }
    Resque::Failure.clear
    equal 0, Resque::Failure.count, "failures after clear"
    stop([worker])
  end

  def killed_worker
    Resque.enqueue(HangingJob)
    worker = start_worker("default", "FORK_PER_JOB" => "false")
    eventually("the job hangs") { Journal.read.include?("hanging") }
    equal %w[HangingJob], Resque.working.map { |busy| busy.job["payload"]["class"] }, "jobs being worked on"
    kill(worker)
    eventually("workers may be pruned again") { !Resque.redis.exists?("pruning_dead_workers_in_progress") }
    rescuer = start_worker("default")
    eventually("the dead worker is pruned") { Resque::Failure.count == 1 && Resque.workers.size == 1 }
    assert Resque::Failure.all["exception"].end_with?("DirtyExit"), Resque::Failure.all["exception"]
    stop([rescuer])
  end

  def waiting_jobs
    5.times { |number| Resque.enqueue(QuickJob, "waiting", number % 2) }
    equal [["waiting", 0], ["waiting", 1]], Resque.peek("default", 0, 2).map { |job| job["args"] }, "the next jobs"
    equal 2, Resque.dequeue(QuickJob, "waiting", 1), "jobs removed"
    equal 3, Resque.size("default"), "jobs left"
    Resque.remove_queue("default")
    assert !Resque.queues.include?("default"), "a removed queue is listed"
  end
end

$stdout.sync = true
Resque.redis = ENV.fetch("REDIS_URL")
exit ResqueDay.new.play
