#pragma once

#include <memory>

#include "storage/env.h"

namespace holdfast::storage {

// PosixEnv().NewWorker: a thread of the machine, idle until the first task is due.
[[nodiscard]] std::unique_ptr<Worker> NewPosixWorker(Worker::Priority priority);

}  // namespace holdfast::storage
