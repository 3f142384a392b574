require "rbconfig"

# One real `sidekiq` process running app.rb. It inherits the environment (REDIS_URL, JOURNAL, the bundle).
class Worker
  QUEUES = %w[critical default low].freeze

  attr_reader :pid, :log

  # timeout: seconds that jobs get to finish after TERM. environment: further variables of the process.
  def initialize(threads:, timeout:, log:, environment: {})
    @log = log
    command = [RbConfig.ruby, "-S", "sidekiq", "-r", File.join(__dir__, "app.rb"), "-e", "production",
      "-c", threads.to_s, "-t", timeout.to_s, *QUEUES.flat_map { |queue| ["-q", queue] }]
    @pid = Process.spawn(environment, *command, out: [log, "a"], err: [log, "a"])
    at_exit { kill }
  end

  def signal(name)
    Process.kill(name, @pid)
  end

  # The exit status once the process has ended, else nil.
  def exit_status
    @status ||= Process.wait2(@pid, Process::WNOHANG)&.last
    @status&.exitstatus
  end

  def logged?(text)
    File.read(@log).include?(text)
  end

  private

  def kill
    return if @status
    Process.kill("KILL", @pid)
    Process.wait(@pid)
  rescue Errno::ESRCH, Errno::ECHILD
    nil
  end
end
