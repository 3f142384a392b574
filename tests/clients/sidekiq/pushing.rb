# Chapter 1, no worker yet: what was pushed is there, and the API and the pages show it.
module Pushing
  PRODUCERS = 4

  def pushing
    check("the server is what Sidekiq asks for at boot") { boot_gate }
    check("perform_async returns a jid for each of #{JOBS / 2} jobs") { push_one_by_one(JOBS / 2) }
    check("perform_bulk and push_bulk return a jid for each of as many") { push_in_bulk(JOBS - JOBS / 2) }
    check("Queue and Stats count every push") { count_pushes }
    check("a job is found in its queue by jid and deleted") { delete_from_queue }
    check("perform_in and perform_at put jobs into the schedule") { schedule }
    check("scheduled jobs are found, moved, deleted and enqueued") { rearrange_schedule }
    check("buttons of the Scheduled page find the jobs they name") { press_scheduled_buttons }
    check("the Web UI's pages answer while everything is waiting") { Edition.pages.each { |path| web.get(path) } }
  end

  private

  def boot_gate
    version = Gem::Version.new(Edition.server_info["redis_version"])
    assert version >= Gem::Version.new("7.0.0"), "redis_version #{version}"
    equal "noeviction", Edition.server_info["maxmemory_policy"], "maxmemory_policy"
  end

  def push_one_by_one(count)
    share = (0...count).group_by { |number| number % PRODUCERS }.values
    threads = share.map { |numbers| Thread.new { numbers.map { |number| QuickJob.perform_async(number) } } }
    pushed("default", threads.flat_map(&:value), count)
  end

  def push_in_bulk(count)
    numbers = (0...count).map { |number| [number, "x" * 200] }
    jids = QuickJob.perform_bulk(numbers[0, count / 2])
    jids += Sidekiq::Client.push_bulk("class" => QuickJob, "args" => numbers[count / 2..])
    pushed("default", jids, count)
  end

  def count_pushes
    equal JOBS, Sidekiq::Queue.new.size, "size of the default queue"
    equal JOBS, Sidekiq::Stats.new.enqueued, "Stats#enqueued"
    assert Sidekiq::Queue.new.latency.positive?, "the oldest job has waited for no time"
    same_members @expected.keys, Sidekiq::Queue.new.map(&:jid), "jids in the default queue"
    equal %w[default], Sidekiq::Queue.all.map(&:name), "names of the queues"
  end

  def delete_from_queue
    jid = QuickJob.set(queue: "low").perform_async("to be deleted")
    job = Sidekiq::Queue.new("low").find_job(jid)
    equal ["to be deleted"], job.args, "arguments of the job"
    job.delete
    equal 0, Sidekiq::Queue.new("low").size, "size of the queue after the deletion"
    equal nil, Sidekiq::Queue.new("low").find_job(jid), "the deleted job"
  end

  def schedule
    soon = (1..200).map { |number| QuickJob.perform_in(1 + number / 100.0, number) }
    soon += Sidekiq::Client.push_bulk("class" => QuickJob, "args" => [[1]] * 300, "at" => Time.now.to_f + 2)
    pushed("schedule", soon, 500)
    @later = (1..20).map { |number| QuickJob.perform_at(Time.now + 3600 + number, "much later") }
    equal 520, Sidekiq::ScheduledSet.new.size, "size of the schedule"
    equal 520, Sidekiq::Stats.new.scheduled_size, "Stats#scheduled_size"
  end

  def rearrange_schedule
    set = Sidekiq::ScheduledSet.new
    entry = set.find_job(@later[0])
    equal [@later[0]], set.fetch(entry.score, @later[0]).map(&:jid), "the job found by its score"
    entry.reschedule(Time.now + 7200)
    assert set.find_job(@later[0]).score > entry.score + 3000, "the job was not moved"
    set.find_job(@later[1]).delete
    set.find_job(@later[2]).add_to_queue
    pushed("add_to_queue", [@later[2]], 1)
    equal 17, set.scan("much later").count { |job| @later[3..].include?(job.jid) }, "jobs found by a pattern"
    equal 518, set.size, "size of the schedule"
  end

  def press_scheduled_buttons
    # The page lists the earliest first; the hour-away jobs come last.
    web.press("/scheduled?count=600", "delete", @later[3, 5])
    web.press("/scheduled?count=600", "add_to_queue", @later[8, 5])
    pushed("add_to_queue", @later[8, 5], 5)
    equal 508, Sidekiq::ScheduledSet.new.size, "size of the schedule"
  end

  # From here on each of the jids must be executed to its end exactly once, or more often if a TERM interrupted it.
  def pushed(how, jids, count)
    assert jids.all?(String), "#{how}: a push returned no jid"
    equal count, jids.uniq.size, "#{how}: different jids"
    jids.each { |jid| @expected[jid] = how }
  end
end
