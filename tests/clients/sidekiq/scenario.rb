# A day in the life of a Sidekiq application, told to the server at REDIS_URL, which must be empty.
# Runs under either Sidekiq: the one that the bundle or Debian provides. FOLDER is where journal and logs go.
# Prints one line a claim and at the end "<suite>: N passed, N failed"; exits with 1 if one failed.
require "fileutils"
require "json"
require "logger"

ENV["JOURNAL"] ||= File.join(ENV.fetch("FOLDER"), "journal")
JOBS = Integer(ENV.fetch("JOBS", "20000"))

require_relative "app"
require "sidekiq/api"
require_relative "checks"
require_relative "edition"
require_relative "worker"
require_relative "web_pages"
require_relative "pushing"
require_relative "stopping"
require_relative "failing"
require_relative "iterating" if Edition::MODERN

class Scenario < Checks
  include Pushing
  include Stopping
  include Failing
  include Iterating if Edition::MODERN

  def initialize(folder)
    super(Edition.name)
    @folder = folder
    @expected = {}
    @journal = JournalReader.new(ENV.fetch("JOURNAL"))
  end

  def play
    pushing
    stopping
    failing
    iterating if Edition::MODERN
    finish
  end

  private

  attr_reader :journal

  def web
    @web ||= WebPages.new
  end
end

$stdout.sync = true
Edition.quiet_logger
exit Scenario.new(ENV.fetch("FOLDER")).play
