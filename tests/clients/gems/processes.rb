require "rbconfig"

# Worker processes of a suite; each inherits the environment (REDIS_URL, FOLDER, the bundle) and logs to a file in FOLDER.
module Processes
  # Starts `ruby words...` in this folder; returns its process id. environment: further variables.
  def start(*words, environment: {})
    log = File.join(ENV.fetch("FOLDER"), "workers.log")
    pid = Process.spawn(environment, RbConfig.ruby, *words, chdir: __dir__, out: [log, "a"], err: [log, "a"])
    processes << pid
    pid
  end

  # Starts Sidekiq processes that load this application; returns their ids when all have said that they live.
  def start_sidekiqs(count, application)
    Sidekiq.redis { |redis| redis.call("DEL", "processes") }
    pids = Array.new(count) { start("-S", "sidekiq", "-r", "./#{application}", "-e", "production", "-c", "5") }
    eventually("#{count} processes live") { Sidekiq::ProcessSet.new(false).size == count }
    pids
  end

  # TERM to each, and waits for their ends; raises unless each ends with 0.
  def stop(pids)
    pids.each { |pid| Process.kill("TERM", pid) }
    statuses = pids.map { |pid| Process.wait2(pid)[1].tap { processes.delete(pid) } }
    assert statuses.all?(&:success?), "exit statuses #{statuses}"
  end

  def kill(pid)
    Process.kill("KILL", pid)
    Process.wait(pid)
    processes.delete(pid)
  end

  # For the end of a suite, however it ended.
  def kill_all
    processes.dup.each { |pid| kill(pid) }
  end

  private

  def processes
    @processes ||= []
  end
end
