# Loaded by the processes of the sidekiq-scheduler suite.
require_relative "sidekiq_application"
require "sidekiq-scheduler"

Sidekiq.configure_server do |config|
  config.on(:startup) do
    Sidekiq.schedule = {
      "each second" => {"cron" => "* * * * * *", "class" => "RecordedJob", "args" => ["cron"]},
      "every half" => {"every" => "0.5s", "class" => "RecordedJob", "args" => ["every"]},
      "disabled" => {"every" => "0.5s", "class" => "RecordedJob", "args" => ["disabled"], "enabled" => false},
    }
    SidekiqScheduler::Scheduler.instance.reload_schedule!
  end
end
