# sidekiq-scheduler: two processes with the same schedule push each cron tick once between them.
require_relative "sidekiq_application"
require "sidekiq-scheduler"
require "sidekiq/api"
require_relative "../sidekiq/checks"
require_relative "processes"

class SidekiqSchedulerSuite < Checks
  include Processes

  def initialize
    super("sidekiq-scheduler")
  end

  def play
    check("two processes run a job of each second, and others every half second") { running }
    check("each second was pushed once between the two") { one_push_a_second }
    check("the state of the schedule is kept") { state }
    check("a tick registers once, whoever comes first") { registering }
    finish
  ensure
    kill_all
  end

  private

  def running
    workers = start_sidekiqs(2, "sidekiq_scheduler_application.rb")
    eventually("three runs of either") { count("cron") >= 3 && count("every") >= 3 }
    stop(workers)
    equal 0, count("disabled"), "runs of the disabled job"
  end

  def count(word)
    Journal.read.count("done #{word}")
  end

  def one_push_a_second
    times = Sidekiq.redis { |redis| redis.call("ZRANGE", SidekiqScheduler::RedisManager.pushed_job_key("each second"), 0, -1) }
    equal times.size, times.uniq.size, "different seconds"
    waiting = Sidekiq::Queue.new.count { |job| job.args == ["cron"] }
    equal times.size, count("cron") + waiting, "registered seconds and jobs"
  end

  def state
    last = SidekiqScheduler::RedisManager.get_job_last_time("each second")
    assert last && Time.parse(last) > Time.now - 60, "last time #{last}"
    Sidekiq.set_schedule("later", "cron" => "0 0 1 1 *", "class" => "RecordedJob")
    assert Sidekiq.get_schedule.key?("later"), "a schedule set at run time is missing"
    Sidekiq.remove_schedule("later")
    assert !Sidekiq.get_schedule.key?("later"), "a removed schedule is there"
  end

  def registering
    moment = Time.now + 100
    won = Array.new(16) { Thread.new { SidekiqScheduler::RedisManager.register_job_instance("raced", moment) } }.map(&:value)
    equal 1, won.count { |value| value && value != 0 }, "winners among #{won}"
  end
end

$stdout.sync = true
Sidekiq.default_configuration.logger.level = Logger::ERROR
exit SidekiqSchedulerSuite.new.play
