# sidekiq-cron: jobs that two processes poll for are pushed once a tick; they are disabled, changed and removed.
require_relative "sidekiq_cron_application"
require "sidekiq/api"
require_relative "../sidekiq/checks"
require_relative "processes"

class SidekiqCron < Checks
  include Processes

  def initialize
    super("sidekiq-cron")
  end

  def play
    check("cron jobs are stored with their schedule") { stored }
    check("a tick that many pollers see pushes its job once") { one_push_a_tick }
    check("a disabled job is not pushed, an enabled one is again") { disabling }
    check("two processes run a job of each second once a second") { each_second }
    check("jobs are replaced and removed") { replacing }
    finish
  ensure
    kill_all
  end

  private

  def stored
    errors = Sidekiq::Cron::Job.load_from_hash!(
      "minutely" => {"class" => "RecordedJob", "cron" => "* * * * *", "args" => ["minutely"]},
      "yearly" => {"class" => "RecordedJob", "cron" => "0 0 1 1 *", "queue" => "low"}
    )
    equal({}, errors, "errors")
    equal %w[minutely yearly], Sidekiq::Cron::Job.all.map(&:name).sort, "names"
    equal 2, Sidekiq::Cron::Job.count, "count"
    equal [["minutely"], "low"], [Sidekiq::Cron::Job.find("minutely").args, Sidekiq::Cron::Job.find("yearly").queue_name_with_prefix], "fields"
  end

  # Moments of the next minutes, seen by eight threads at once as by so many processes.
  def one_push_a_tick
    first = Time.at((Time.now.to_i / 60 + 1) * 60 + 1).utc
    10.times do |minute|
      moment = first + minute * 60
      Array.new(8) { Thread.new { Sidekiq::Cron::Job.find("minutely").test_and_enqueue_for_time!(moment) } }.each(&:join)
    end
    equal 10, Sidekiq::Queue.new.size, "jobs of ten ticks"
    equal [["minutely"]], Sidekiq::Queue.new.map(&:args).uniq, "arguments"
    Sidekiq::Queue.new.clear
  end

  def disabling
    job = Sidekiq::Cron::Job.find("minutely")
    moment = Time.at((Time.now.to_i / 60 + 30) * 60 + 1).utc
    job.disable!
    Sidekiq::Cron::Job.find("minutely").test_and_enqueue_for_time!(moment)
    equal 0, Sidekiq::Queue.new.size, "pushes of a disabled job"
    job.enable!
    Sidekiq::Cron::Job.find("minutely").test_and_enqueue_for_time!(moment + 60)
    equal 1, Sidekiq::Queue.new.size, "pushes of an enabled job"
    job.enqueue!
    equal 2, Sidekiq::Queue.new.size, "pushes after enqueue!"
    Sidekiq::Queue.new.clear
  end

  def each_second
    Sidekiq::Cron::Job.destroy("minutely")
    Sidekiq::Cron::Job.create(name: "each second", cron: "* * * * * *", class: "RecordedJob", args: ["tick"])
    workers = start_sidekiqs(2, "sidekiq_cron_application.rb")
    eventually("three ticks") { Journal.read.size >= 3 }
    stop(workers)
    pushed = Sidekiq::Cron::Job.find("each second").jid_history_from_redis
    equal pushed.map { |push| push["enqueued"] }.uniq.size, pushed.size, "different seconds"
    equal pushed.size, Journal.read.size + Sidekiq::Queue.new.size, "pushes and jobs"
  end

  def replacing
    Sidekiq::Cron::Job.load_from_hash!({"only" => {"class" => "RecordedJob", "cron" => "5 4 * * *"}}, source: "schedule")
    assert Sidekiq::Cron::Job.find("only"), "the job is missing"
    Sidekiq::Cron::Job.destroy_all!
    equal 0, Sidekiq::Cron::Job.count, "jobs left"
  end
end

$stdout.sync = true
Sidekiq.default_configuration.logger.level = Logger::ERROR
exit SidekiqCron.new.play
