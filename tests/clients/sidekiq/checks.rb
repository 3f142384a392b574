# Named checks, run in order; one that fails is reported and the next goes on.
class Checks
  class Failed < StandardError; end

  def initialize(suite)
    @suite = suite
    @passed = @failed = 0
  end

  def check(claim)
    started = now
    yield
    @passed += 1
    puts format("ok      %s (%.1f s)", claim, now - started)
  rescue => error
    @failed += 1
    puts "FAILED  #{claim}\n        #{error.class}: #{error.message}"
    puts error.backtrace.first(4).map { |line| "          #{line}" } unless error.is_a?(Failed)
  end

  # Prints the closing line; true when nothing failed.
  def finish
    puts "#{@suite}: #{@passed} passed, #{@failed} failed"
    @failed.zero?
  end

  def equal(expected, got, what)
    raise Failed, "#{what}: expected #{brief(expected)}, got #{brief(got)}" unless expected == got
  end

  def assert(truth, what)
    raise Failed, what unless truth
  end

  # Two collections with the same elements, however often and in whatever order they come.
  def same_members(expected, got, what)
    missing, extra = expected - got, got - expected
    raise Failed, "#{what}: missing #{brief(missing)}, unexpected #{brief(extra)}" if missing.any? || extra.any?
  end

  # Waits until the block is true; after the deadline fails with what describe (a callable) says.
  def eventually(what, seconds: 30, describe: -> {})
    deadline = now + seconds
    until yield
      raise Failed, "not within #{seconds} s: #{what} #{describe.call}" if now > deadline
      sleep 0.02
    end
  end

  private

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  def brief(value)
    text = value.inspect
    text = "#{text[0, 300]}…" if text.size > 300
    value.is_a?(Array) ? "#{value.size} #{text}" : text
  end
end
