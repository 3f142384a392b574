# What the Sidekiq applications of this folder share: the server, a job that is recorded, a quiet log.
require "sidekiq"
require_relative "journal"

[:configure_server, :configure_client].each do |configure|
  Sidekiq.public_send(configure) { |config| config.redis = {url: ENV.fetch("REDIS_URL")} }
end

class RecordedJob
  include Sidekiq::Job

  def perform(*words)
    Journal.note("done", *words)
  end
end
