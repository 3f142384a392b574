# Loaded by the processes of the sidekiq-cron suite.
require_relative "sidekiq_application"
require "sidekiq-cron"

# By default the processes together poll once in 30 seconds, and first after ten.
Sidekiq::Cron.configure { |config| config.cron_poll_interval = 1 }
Sidekiq.configure_server do |config|
  config[:cron_poll_process_count] = 1
  config[:poll_interval_average] = 1
end
