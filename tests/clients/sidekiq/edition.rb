# Where the two Sidekiqs differ for someone who uses them; everything else is shared.
module Edition
  MODERN = Gem::Version.new(Sidekiq::VERSION) >= Gem::Version.new("7")

  module_function

  # "sidekiq-7.3" or "sidekiq-6.4"
  def name
    "sidekiq-#{Sidekiq::VERSION[/\A\d+\.\d+/]}"
  end

  def server_info
    MODERN ? Sidekiq.default_configuration.redis_info : Sidekiq.redis_info
  end

  def quiet_logger
    logger = MODERN ? Sidekiq.default_configuration.logger : Sidekiq.logger
    logger.level = Logger::ERROR
  end

  # jid of each job that a thread holds according to the server.
  def busy_jids
    Sidekiq::WorkSet.new.map do |_process, _thread, work|
      MODERN ? work.job.jid : work["payload"]["jid"]
    end
  end

  def pages
    shared = %w[/ /busy /queues /queues/default /retries /scheduled /morgue /stats]
    MODERN ? shared + %w[/metrics /metrics/QuickJob] : shared
  end
end
