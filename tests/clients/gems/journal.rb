# What jobs did, kept outside the server under test: one line an event, appended with one write, so that lines of many
# processes never mix. The file is FOLDER/journal.
module Journal
  PATH = File.join(ENV.fetch("FOLDER"), "journal")

  module_function

  def note(*words)
    File.open(PATH, File::WRONLY | File::APPEND | File::CREAT) { |file| file.syswrite("#{words.join(" ")}\n") }
  end

  # All complete lines so far.
  def read
    return [] unless File.exist?(PATH)
    File.read(PATH).each_line.select { |line| line.end_with?("\n") }.map(&:chomp)
  end
end

# Worker processes of a suite; each inherits the environment and logs to a file in FOLDER.
module Processes
  # Starts a Ruby script of this folder; returns its process id.
  def start(environment, script, *arguments)
    log = File.join(ENV.fetch("FOLDER"), "#{File.basename(script)}.log")
    pid = Process.spawn(environment, RbConfig.ruby, *arguments, File.join(__dir__, script), chdir: __dir__, out: [log, "a"], err: [log, "a"])
    processes << pid
    pid
  end

  # TERM to each, and waits for their ends.
  def stop(pids)
    pids.each { |pid| Process.kill("TERM", pid) }
    pids.each { |pid| Process.wait(pid) && stopped(pid) }
  end

  def stopped(pid)
    processes.delete(pid)
  end

  def kill_all
    processes.each { |pid| Process.kill("KILL", pid) }
  end

  private

  def processes
    @processes ||= []
  end
end
