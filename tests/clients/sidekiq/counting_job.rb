# An iterable job of Sidekiq 7.3: counts slowly, and goes on counting where a stop of the process interrupted it.
class CountingJob
  include Sidekiq::IterableJob
  sidekiq_options queue: "critical"

  def build_enumerator(last, cursor:)
    array_enumerator((1..last).to_a, cursor: cursor)
  end

  def each_iteration(number, _last)
    JOURNAL.write("count", self, number)
    sleep 0.05
  end

  def on_complete
    JOURNAL.write("done", self, 0)
  end
end
