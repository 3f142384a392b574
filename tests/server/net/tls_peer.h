#pragma once

#include <openssl/types.h>

#include <string>
#include <string_view>

#include "server/engine/settings.h"
#include "server/net/tls_transport.h"
#include "tests/fakes/temporary_folder.h"

namespace holdfast::server::net {

// A certificate that signs itself, and its key, in files that end with this.
class CertificateFiles {
 public:
  // With a passphrase the key's file is encrypted.
  explicit CertificateFiles(const std::string& passphrase = "");

  [[nodiscard]] std::string certificate() const { return folder_.path() + "/certificate.pem"; }
  [[nodiscard]] std::string key() const { return folder_.path() + "/key.pem"; }
  // The least that a server needs: these files, and no client's certificate asked for.
  void Configure(engine::Settings& settings) const;

 private:
  fakes::TemporaryFolder folder_;
};

// The client's end of a TLS connection: non-blocking, stepped by the test. Trusts whoever answers.
class TlsPeer {
 public:
  // Takes over `socket`.
  explicit TlsPeer(int socket);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  // Goes on with the handshake; true when it is finished, as this side sees it.
  bool Shake();
  // What the socket takes of it; returns the bytes taken.
  size_t Send(std::string_view bytes);
  // What there is.
  std::string Read();
  // Why the last call could not go on: SSL_ERROR_WANT_READ, SSL_ERROR_ZERO_RETURN and others.
  [[nodiscard]] int state() const { return state_; }
  void SayEnd();
  void Leave();

 private:
  int socket_;
  SslPointer ssl_;
  int state_ = 0;
};

// Two ends of a connection, both non-blocking.
struct SocketPair {
  SocketPair();
  int ours = -1;
  int theirs = -1;
};

}  // namespace holdfast::server::net
