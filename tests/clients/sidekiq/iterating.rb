# Chapter 4, Sidekiq 7.3 only: iterable jobs and deploy marks.
require "sidekiq/deploy"

module Iterating
  STEPS = 60

  def iterating
    check("an iterable job that a TERM interrupts goes on where it was") { interrupt_counting }
    check("a running iterable job is cancelled through the server") { cancel_counting }
    check("a deploy mark is set once a minute and label") { mark_deploy }
  end

  private

  def interrupt_counting
    jid = CountingJob.perform_async(STEPS)
    counted = -> { journal.refresh.named("count").filter_map { |event| event.attempt.to_i if event.jid == jid } }
    worker = start_worker(timeout: 10, slow_seconds: 0)
    eventually("it counts") { counted.call.size >= 5 }
    stop_and_wait(worker)
    reached = counted.call.size
    assert reached < STEPS, "it came to its end before the TERM"
    equal [jid], Sidekiq::Queue.new("critical").map(&:jid), "jobs given back"
    equal [(reached).to_s, true], state_of(jid), "cursor, and whether the state expires"
    @worker = start_worker(timeout: 10, slow_seconds: 0)
    eventually("it is done") { journal.refresh.jids("done").include?(jid) }
    equal (1..STEPS).to_a, counted.call, "numbers counted"
    eventually("its state is removed") { state_of(jid) == [nil, false] }
  end

  # The counting job's cursor is the index of its next number.
  def state_of(jid)
    Sidekiq.redis { |connection| [connection.hget("it-#{jid}", "c"), connection.ttl("it-#{jid}").positive?] }
  end

  def cancel_counting
    jid = CountingJob.perform_async(100 * STEPS)
    eventually("it counts") { journal.refresh.jids("count").include?(jid) }
    assert Sidekiq::Client.new.cancel!(jid).positive?, "no time of cancellation"
    # It asks every five seconds.
    eventually("it is over") { journal.refresh.jids("done").include?(jid) }
    assert journal.jids("count").count(jid) < 100 * STEPS, "it counted to the end"
    stop_and_wait(@worker)
  end

  def mark_deploy
    2.times { Sidekiq::Deploy.mark!("release “1”") }
    equal ["release “1”"], Sidekiq::Deploy.new.fetch.values.uniq, "marks of today"
    assert web.get("/metrics").include?("release “1”"), "the Metrics page does not show the mark"
  end

  def stop_and_wait(worker)
    worker.signal("TERM")
    eventually("the process ends") { worker.exit_status }
    equal 0, worker.exit_status, "exit status of sidekiq"
  end
end
