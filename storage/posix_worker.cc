#include "storage/posix_worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/time/time.h"

namespace holdfast::storage {
namespace {

constexpr int kLowNice = 10;

using Clock = std::chrono::steady_clock;

class PosixWorker final : public Worker {
 public:
  explicit PosixWorker(Priority priority)
      : thread_([this, priority] {
          // Of a thread, not of the process: setpriority(2). What the system refuses costs speed only.
          if (priority == Priority::kLow) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowNice);
          Loop();
        }) {}

  ~PosixWorker() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void Run(absl::Duration delay, std::function<void()> task) override {
    const auto due = Clock::now() + absl::ToChronoNanoseconds(delay);
    {
      const std::lock_guard lock(mutex_);
      tasks_.emplace(due, std::move(task));
    }
    changed_.notify_one();
  }

 private:
  void Loop() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (tasks_.empty()) {
        changed_.wait(lock);
      } else if (const auto due = tasks_.begin()->first; due > Clock::now()) {
        changed_.wait_until(lock, due);
      } else {
        const auto task = tasks_.extract(tasks_.begin());
        lock.unlock();
        task.mapped()();
        lock.lock();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, std::function<void()>> tasks_;  // equal times keep the order of arrival
  bool stopping_ = false;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace

std::unique_ptr<Worker> NewPosixWorker(Worker::Priority priority) {
  return std::make_unique<PosixWorker>(priority);
}

}  // namespace holdfast::storage
