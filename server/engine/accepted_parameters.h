#pragma once

#include <span>

#include "server/engine/parameters.h"

namespace holdfast::server::engine {

// Redis's parameters about things that Holdfast does not have (replicas, a cluster, RDB and AOF files, a
// memory to tidy up): accepted and reported back, because configuration files, clients and tools name them.
[[nodiscard]] std::span<const Parameter> AcceptedParameters();

}  // namespace holdfast::server::engine
