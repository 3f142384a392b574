# sidekiq-unique-jobs: whatever is pushed however often, what must be unique is.
require_relative "sidekiq_unique_application"
require "sidekiq/api"
require_relative "../sidekiq/checks"
require_relative "processes"

class SidekiqUniqueJobsSuite < Checks
  include Processes

  def initialize
    super("sidekiq-unique-jobs")
  end

  def play
    check("1,000 pushes of 100 jobs from four threads make 100 jobs") { until_executed }
    check("an :until_expired lock and its ttl") { until_expired }
    check("on_conflict: :replace keeps the newest") { replaced }
    check("after their run the jobs may be pushed again") { running }
    check("jobs locked while executing do not overlap") { while_executing }
    check("locks of deleted jobs are released and orphans reaped") { orphans }
    finish
  ensure
    kill_all
  end

  private

  def until_executed
    pushed = Array.new(4) { Thread.new { Array.new(250) { |number| UntilExecutedJob.perform_async(number % 100) } } }.flat_map(&:value)
    equal 100, pushed.compact.size, "pushes that returned a jid"
    same_members (0...100).to_a, Sidekiq::Queue.new.map { |job| job.args.first }, "waiting jobs"
    equal 100, SidekiqUniqueJobs::Digests.new.count, "digests"
    5.times { UntilExecutingJob.perform_async("until executing") }
    equal 101, Sidekiq::Queue.new.size, "size of the queue"
  end

  def until_expired
    jids = Array.new(5) { UntilExpiredJob.perform_async("until expired") }
    equal 1, jids.compact.size, "pushes that returned a jid"
    ttls = Sidekiq.redis { |redis| SidekiqUniqueJobs::ExpiringDigests.new.entries.keys.map { |digest| redis.call("TTL", "#{digest}:LOCKED") } }
    assert ttls.all? { |ttl| ttl == -1 || ttl.between?(900, 1000) }, "ttls #{ttls}"
  end

  def replaced
    jids = Array.new(5) { |number| ReplacedJob.perform_async("replaced", number) }
    assert jids.last, "the last push returned no jid"
    equal [["replaced", 4]], Sidekiq::Queue.new.map(&:args).select { |args| args.first == "replaced" }, "waiting jobs"
  end

  def running
    workers = start_sidekiqs(1, "sidekiq_unique_application.rb")
    eventually("103 jobs are done") { Journal.read.size == 103 && Sidekiq::Queue.new.size.zero? }
    eventually("their locks are released") { SidekiqUniqueJobs::Digests.new.count.zero? }
    expected = (0...100).map { |number| "done #{number}" } + ["done until executing", "done until expired", "done replaced 4"]
    equal expected.sort, Journal.read.sort, "what ran"
    assert UntilExecutedJob.perform_async(5), "a job that ran cannot be pushed again"
    assert !UntilExpiredJob.perform_async("until expired"), "a lock that has not expired was given again"
    eventually("it is done") { Journal.read.count("done 5") == 2 }
    stop(workers)
  end

  def while_executing
    workers = start_sidekiqs(2, "sidekiq_unique_application.rb")
    200.times { |number| WhileExecutingJob.perform_async("job-#{number % 2}") }
    eventually("all jobs are taken") { Sidekiq::Queue.new.size.zero? && Sidekiq::WorkSet.new.size.zero? }
    stop(workers)
    %w[job-0 job-1].each do |name|
      events = Journal.read.grep(/ #{name}\z/).map { |event| event.split.first }
      assert events.any?, "#{name} never ran"
      equal %w[begin end] * (events.size / 2), events, "events of #{name}"
    end
  end

  def orphans
    jid = UntilExecutedJob.perform_async("deleted")
    Sidekiq::Queue.new.find_job(jid).delete
    assert UntilExecutedJob.perform_async("deleted"), "the lock of a deleted job is held"
    %i[ruby lua].each do |reaper|
      SidekiqUniqueJobs.config.reaper = reaper
      5.times { |number| UntilExecutedJob.perform_async("orphan-#{number}") }
      Sidekiq.redis { |redis| lose_queue_and_reap(redis) }
      equal 0, SidekiqUniqueJobs::Digests.new.count, "digests after the #{reaper} reaper"
    end
  end

  # Only locks that are older than some seconds are taken for orphans.
  def lose_queue_and_reap(redis)
    redis.call("DEL", "queue:default")
    digests = redis.call("ZRANGE", SidekiqUniqueJobs::DIGESTS, 0, -1)
    assert digests.size >= 5, "#{digests.size} digests of lost jobs"
    redis.call("ZADD", SidekiqUniqueJobs::DIGESTS, "XX", *digests.flat_map { |digest| [1, digest] })
    SidekiqUniqueJobs::Orphans::Reaper.call(redis)
  end
end

$stdout.sync = true
Sidekiq.default_configuration.logger.level = Logger::ERROR
exit SidekiqUniqueJobsSuite.new.play
