# Chapter 3, a worker is running: jobs that fail are retried, wait, or die, as Sidekiq's contract says.
module Failing
  FLAKY_JOBS = 100
  PATIENT_JOBS = 20
  DOOMED_JOBS = 30

  def failing
    check("jobs that fail are retried by the scheduler until they succeed") { retry_flaky_jobs }
    check("jobs that wait for their retry are in the retry set with their error") { keep_patient_jobs }
    check("waiting jobs are retried, killed and deleted by the API and by the Retries page") { act_on_patient_jobs }
    check("jobs without retries die, and come back from the dead set") { bury_doomed_jobs }
    check("a payload that is not JSON goes to the dead set and nowhere else") { bury_broken_payload }
    check("the Web UI's pages answer with the worker running") { Edition.pages.each { |path| web.get(path) } }
    check("quiet! reaches the process through the server") { quiet_by_api }
    check("Stats count every execution and every failure") { count_executions }
    check("each page names the jobs that it is about") { read_pages }
    check("metrics count every execution") { count_metrics } if Edition::MODERN
    check("stop! reaches the process through the server and it exits with 0") { stop_by_api }
    check("nothing is left over and the history adds up") { close_books }
  end

  private

  def retry_flaky_jobs
    @flaky = FlakyJob.perform_bulk([[1]] * FLAKY_JOBS)
    eventually("all flaky jobs have failed once") { (@flaky - journal.refresh.jids("fail")).empty? }
    eventually("and have been done", seconds: 60) { (@flaky - journal.refresh.jids("done")).empty? }
    equal [2], journal.starts.values_at(*@flaky).uniq, "times that each of them was begun"
  end

  def keep_patient_jobs
    @patient = PatientJob.perform_bulk([[]] * PATIENT_JOBS)
    eventually("all patient jobs wait") { Sidekiq::RetrySet.new.size == PATIENT_JOBS }
    same_members @patient, Sidekiq::RetrySet.new.map(&:jid), "jobs in the retry set"
    entry = Sidekiq::RetrySet.new.find_job(@patient[0])
    told = entry.item.values_at("error_class", "error_message", "retry_count")
    equal ["RuntimeError", "waiting for a hand", 0], told, "the entry's error and count"
    assert entry.at > Time.now + 3000, "the retry is due at #{entry.at}"
    equal PATIENT_JOBS, Sidekiq::Stats.new.retry_size, "Stats#retry_size"
  end

  def act_on_patient_jobs
    set = Sidekiq::RetrySet.new
    set.find_job(@patient[0]).delete
    set.find_job(@patient[1]).kill
    set.find_job(@patient[2]).retry
    web.press("/retries?count=100", "kill", [@patient[3]])
    web.press("/retries?count=100", "delete", [@patient[4]])
    web.press("/retries?count=100", "retry", [@patient[5]])
    equal PATIENT_JOBS - 6, set.size, "size of the retry set"
    set.retry_all
    equal 0, set.size, "size of the retry set"
    retried = @patient - @patient.values_at(0, 1, 3, 4)
    eventually("the retried jobs are done") { (retried - journal.refresh.jids("done")).empty? }
    same_members @patient.values_at(1, 3), Sidekiq::DeadSet.new.map(&:jid), "jobs in the dead set"
  end

  def bury_doomed_jobs
    @doomed = DoomedJob.perform_bulk([[]] * DOOMED_JOBS)
    dead = Sidekiq::DeadSet.new
    eventually("all doomed jobs are dead") { dead.size == DOOMED_JOBS + 2 }
    equal "doomed", dead.find_job(@doomed[0]).item["error_message"], "error of a dead job"
    dead.find_job(@doomed[0]).retry
    web.press("/morgue?count=100", "retry", @doomed[1, 2])
    web.press("/morgue?count=100", "delete", [@doomed[3]])
    eventually("the resurrected jobs are done") { (@doomed[0, 3] - journal.refresh.jids("done")).empty? }
    same_members @doomed[4..] + @patient.values_at(1, 3), dead.map(&:jid), "jobs in the dead set"
  end

  def quiet_by_api
    Sidekiq::ProcessSet.new.each(&:quiet!)
    eventually("the process stops fetching", describe: worker_log) { @worker.logged?("no longer accepting new work") }
  end

  def bury_broken_payload
    Sidekiq.redis { |connection| connection.lpush("queue:low", "{broken") }
    dead = Sidekiq::DeadSet.new
    eventually("it is dead") { dead.any? { |entry| entry.value == "{broken" } }
    dead.find { |entry| entry.value == "{broken" }.delete
    assert dead.none? { |entry| entry.value == "{broken" }, "it cannot be deleted"
  end

  def count_executions
    describe = -> { "stats #{counted}, journal #{executed}" }
    eventually("Stats#processed and #failed equal the journal", describe: describe) { counted == executed }
    equal DOOMED_JOBS - 4 + 2, Sidekiq::Stats.new.dead_size, "Stats#dead_size"
  end

  # [executions, executions that failed]; Sidekiq counts an interrupted one as failed.
  def executed
    journal.refresh
    [journal.named("start").size, journal.named("fail", "stop").size]
  end

  def counted
    stats = Sidekiq::Stats.new
    [stats.processed, stats.failed]
  end

  def read_pages
    {"/morgue?count=100" => @doomed[4..], "/scheduled" => @later[13..] + [@later[0]]}.each do |path, jids|
      page = web.get(path)
      jids.each { |jid| assert page.include?(jid), "#{path} does not show #{jid}" }
    end
    stats = JSON.parse(web.get("/stats"))["sidekiq"]
    equal [*counted, 1], stats.values_at("processed", "failed", "processes"), "/stats"
    assert web.get("/queues").include?("critical"), "/queues does not show a queue"
    version = Edition.server_info["redis_version"]
    assert web.get("/").include?(version), "the dashboard does not show the server's version"
  end

  def count_metrics
    # The metrics middleware is closed before the threads that a TERM interrupts.
    counts = journal.refresh.named("done", "fail").map(&:job).tally
    describe = -> { "metrics #{metrics}, journal #{counts}" }
    eventually("the metrics equal the journal", describe: describe) { metrics == counts }
    assert web.get("/metrics").include?("QuickJob"), "the Metrics page does not show QuickJob"
    histogram = Sidekiq::Metrics::Query.new.for_job("QuickJob").job_results["QuickJob"].hist.values.flatten.sum
    equal counts["QuickJob"], histogram, "executions of QuickJob in the histogram"
  end

  def metrics
    Sidekiq::Metrics::Query.new.top_jobs(minutes: 60).job_results.transform_values { |result| result.totals["p"] }
  end

  def stop_by_api
    Sidekiq::ProcessSet.new.each(&:stop!)
    eventually("the process ends", describe: worker_log) { @worker.exit_status }
    equal 0, @worker.exit_status, "exit status of sidekiq"
    equal 0, Sidekiq::ProcessSet.new.size, "registered processes"
  end

  def close_books
    left = [Sidekiq::Stats.new.enqueued, Sidekiq::RetrySet.new.size, Sidekiq::ScheduledSet.new.size]
    equal [0, 0, @later.size - 12], left, "enqueued, to be retried, scheduled"
    equal executed, counted, "executions and failures"
    history = Sidekiq::Stats::History.new(2)
    equal executed, [history.processed.values.sum, history.failed.values.sum], "the same by day"
    Sidekiq::DeadSet.new.clear
    Sidekiq::Queue.new("low").clear
    equal [0, false], [Sidekiq::DeadSet.new.size, Sidekiq::Queue.all.map(&:name).include?("low")], "after clearing"
  end
end
