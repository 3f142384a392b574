# Chapter 2: a worker process drains the queues, is stopped by TERM with all its threads busy, and another finishes.
module Stopping
  THREADS = 10
  SLOW_JOBS = 15
  DRAIN_SECONDS = 180

  def stopping
    check("a sidekiq process of #{THREADS} threads registers and begins to drain") { begin_draining }
    check("slow jobs take every thread, and WorkSet and the Busy page say so") { occupy_threads }
    check("TERM gives the unfinished jobs back and the process exits with 0") { terminate_busy_process }
    check("a new process finishes every job, scheduled ones included") { finish_draining }
    check("no job is missing, and each that ran twice is one that the TERM interrupted") { account }
  end

  private

  def begin_draining
    @worker = start_worker(timeout: 1, slow_seconds: 600)
    eventually("jobs are being done", describe: worker_log) { journal.refresh.named("done").size > JOBS / 20 }
    eventually("the process is registered") { Sidekiq::ProcessSet.new.size == 1 }
    process = Sidekiq::ProcessSet.new.first
    equal THREADS, process["concurrency"], "threads of the process"
    equal Worker::QUEUES, process.queues, "queues of the process"
    equal @worker.pid, process["pid"], "pid of the process"
  end

  def occupy_threads
    pushed("critical", SlowJob.perform_bulk([[]] * SLOW_JOBS), SLOW_JOBS)
    eventually("every thread has a slow job") { slow_started.size == THREADS }
    eventually("the heartbeat tells of them") { Edition.busy_jids.sort == slow_started.sort }
    equal THREADS, Sidekiq::WorkSet.new.size, "WorkSet#size"
    page = web.get("/busy")
    slow_started.each { |jid| assert page.include?(jid), "the Busy page does not show #{jid}" }
    assert Sidekiq::Queue.new.size.positive?, "the queue is drained already: raise JOBS"
  end

  def terminate_busy_process
    @worker.signal("TERM")
    eventually("the process ends", describe: worker_log) { @worker.exit_status }
    equal 0, @worker.exit_status, "exit status of sidekiq"
    same_members slow_started, stopped_jids, "interrupted jobs"
    equal SLOW_JOBS, Sidekiq::Queue.new("critical").size, "size of the queue they came from"
    equal 0, Sidekiq::ProcessSet.new.size, "registered processes"
  end

  def finish_draining
    @worker = start_worker(timeout: 10, slow_seconds: 0)
    eventually("all jobs are done", seconds: DRAIN_SECONDS, describe: worker_log) do
      (@expected.keys - journal.refresh.jids("done")).empty?
    end
    eventually("the queues are empty") { Sidekiq::Stats.new.enqueued.zero? }
    equal @later.size - 12, Sidekiq::ScheduledSet.new.size, "jobs due in an hour, 12 being deleted or enqueued"
  end

  def account
    journal.refresh
    same_members @expected.keys, journal.jids("done"), "jobs done"
    equal @expected.size, journal.jids("done").size, "executions that came to their end"
    repeated = journal.starts.select { |_jid, count| count > 1 }
    same_members stopped_jids, repeated.keys, "jobs begun more than once"
    equal [2] * THREADS, repeated.values, "times that each of them was begun"
  end

  def slow_started
    journal.refresh.named("start").select { |event| event.job == "SlowJob" }.map(&:jid)
  end

  def stopped_jids
    journal.refresh.jids("stop")
  end

  def start_worker(timeout:, slow_seconds:)
    Worker.new(threads: THREADS, timeout: timeout, log: File.join(@folder, "sidekiq.log"),
      environment: {"SLOW_SECONDS" => slow_seconds.to_s})
  end

  def worker_log
    -> { "\n#{File.readlines(@worker.log).last(15).join}" }
  end
end
