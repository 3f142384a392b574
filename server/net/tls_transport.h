#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "server/net/transport.h"

namespace holdfast::server::net {

struct FreeSsl {
  void operator()(SSL* ssl) const;
};
using SslPointer = std::unique_ptr<SSL, FreeSsl>;

// Why the calling thread's last call of OpenSSL failed, in one line; empties OpenSSL's queue of errors.
[[nodiscard]] std::string TlsErrorText();

// Bytes as TLS records. `ssl` has finished its handshake over `socket`; input that it read ahead with the
// handshake is pending. Says close_notify when it closes, where the connection is whole.
//
// A peer that ends without close_notify is taken to have ended: requests have lengths of their own, so one
// that was cut off is not run.
[[nodiscard]] std::unique_ptr<Transport> MakeTlsTransport(int socket, SslPointer ssl);

}  // namespace holdfast::server::net
