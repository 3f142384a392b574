#pragma once

#include <openssl/types.h>

#include <memory>

#include "absl/status/statusor.h"
#include "server/engine/settings.h"

namespace holdfast::server::net {

// What all TLS connections of one configuration share: certificate, key, who may come in, protocols, ciphers,
// and the sessions that may be resumed. Connections keep the context they began with when it is replaced.
//
// Made once and then only read: any thread.
using TlsContext = std::shared_ptr<SSL_CTX>;

// Reads the files that the tls-* parameters name. kInvalidArgument says which parameter and file is wrong and
// why.
[[nodiscard]] absl::StatusOr<TlsContext> MakeTlsContext(const engine::Settings& settings);

}  // namespace holdfast::server::net
