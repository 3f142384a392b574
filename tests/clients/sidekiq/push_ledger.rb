# What each push told its caller, kept in a file outside the server under test: one line a job, appended with one write,
#   <outcome> <kind> <jid> <begun> <ended>
# where outcome is "accepted" (perform_async returned) or the class of the error that it raised, and times are as in
# the journal. The jid of a refused job is known from the middleware, which sees each payload before it is sent.
class PushLedger
  Line = Struct.new(:outcome, :kind, :jid, :begun, :ended) do
    def accepted?
      outcome == "accepted"
    end
  end

  # Remembers the jid that this thread is about to push.
  class Middleware
    def call(_job, payload, _queue, _pool)
      Thread.current[:pushed_jid] = payload["jid"]
      yield
    end
  end

  def initialize(path)
    @path = path
    @file = File.open(path, File::WRONLY | File::APPEND | File::CREAT)
  end

  # Calls the block, which pushes one job. Returns whether it was accepted.
  def push(kind)
    begun = Journal.now
    outcome = outcome_of { yield }
    @file.syswrite("#{outcome} #{kind} #{Thread.current[:pushed_jid]} #{begun} #{Journal.now}\n")
    outcome == "accepted"
  end

  def lines
    File.readlines(@path, chomp: true).map do |line|
      outcome, kind, jid, begun, ended = line.split(" ")
      Line.new(outcome, kind, jid, Float(begun), Float(ended))
    end
  end

  # Jids of accepted jobs of these kinds, or of all.
  def accepted(*kinds)
    lines.select { |line| line.accepted? && (kinds.empty? || kinds.include?(line.kind)) }.map(&:jid)
  end

  def refused
    lines.reject(&:accepted?)
  end

  private

  def outcome_of
    yield ? "accepted" : "nothing"
  rescue => error
    error.class.name
  end
end
