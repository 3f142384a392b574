# What jobs did, kept outside the server under test: one line an event, appended with one write, so that lines of
# many threads and processes never mix and none is lost when a process is stopped.
#
# A line is "<event> <jid> <class> <attempt> <pid> <thread> <time>". Events: start, done, fail (the job raised), stop
# (the process was shutting down and took the job off its thread). Times are seconds of the machine's monotonic clock,
# which every process on it shares.
class Journal
  Event = Struct.new(:name, :jid, :job, :attempt, :pid, :thread, :time)

  def self.open_from_environment
    new(ENV.fetch("JOURNAL"))
  end

  def self.now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  def initialize(path)
    @file = File.open(path, File::WRONLY | File::APPEND | File::CREAT)
  end

  def write(name, job, attempt)
    line = [name, job.jid, job.class.name, attempt, Process.pid, Thread.current.object_id, Journal.now].join(" ")
    @file.syswrite("#{line}\n")
  end
end

# Reads a journal while it grows. Counts are of complete lines up to the last refresh.
class JournalReader
  attr_reader :events

  def initialize(path)
    File.open(path, File::WRONLY | File::APPEND | File::CREAT).close
    @file = File.open(path)
    @rest = +""
    @events = []
  end

  def refresh
    @rest << @file.read.to_s
    complete = @rest.slice!(0, (@rest.rindex("\n") || -1) + 1)
    complete.each_line(chomp: true) { |line| @events << Journal::Event.new(*line.split(" ")) }
    self
  end

  def named(*names)
    @events.select { |event| names.include?(event.name) }
  end

  def jids(*names)
    named(*names).map(&:jid)
  end

  # How often each job was begun: jid => count.
  def starts
    jids("start").tally
  end
end
