# The jobs of the Resque application.
require_relative "journal"

class QuickJob
  @queue = :default

  def self.perform(*words)
    Journal.note("done", *words)
  end
end

class FailingJob
  @queue = :default

  def self.perform(message)
    raise message
  end
end

class HangingJob
  @queue = :default

  def self.perform
    Journal.note("hanging")
    sleep
  end
end
