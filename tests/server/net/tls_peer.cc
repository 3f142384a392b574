#include "tests/server/net/tls_peer.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

namespace holdfast::server::net {
namespace {

constexpr long kDay = 24 * 60 * 60;

template <typename Write>
void WriteFile(const std::string& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(write(file), 1);
  EXPECT_EQ(std::fclose(file), 0);
}

}  // namespace

CertificateFiles::CertificateFiles(const std::string& passphrase) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> paper(X509_new(), X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(paper.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(paper.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(paper.get()), kDay);
  X509_NAME* name = X509_get_subject_name(paper.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1,
                             0);
  X509_set_issuer_name(paper.get(), name);
  X509_set_pubkey(paper.get(), pair.get());
  EXPECT_GT(X509_sign(paper.get(), pair.get(), EVP_sha256()), 0);
  WriteFile(certificate(), [&](std::FILE* file) { return PEM_write_X509(file, paper.get()); });
  const EVP_CIPHER* lock = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
  WriteFile(key(), [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, pair.get(), lock,
                                reinterpret_cast<const unsigned char*>(passphrase.data()),
                                static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

void CertificateFiles::Configure(engine::Settings& settings) const {
  EXPECT_EQ(settings.Configure("tls-cert-file", certificate()), "");
  EXPECT_EQ(settings.Configure("tls-key-file", key()), "");
  EXPECT_EQ(settings.Configure("tls-auth-clients", "no"), "");
}

TlsPeer::TlsPeer(int socket) : socket_(socket) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  ssl_.reset(SSL_new(context.get()));
  SSL_set_fd(ssl_.get(), socket);
  SSL_set_connect_state(ssl_.get());
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

TlsPeer::~TlsPeer() { Leave(); }

bool TlsPeer::Shake() {
  const int status = SSL_do_handshake(ssl_.get());
  state_ = SSL_get_error(ssl_.get(), status);
  return status == 1;
}

size_t TlsPeer::Send(std::string_view bytes) {
  size_t taken = 0;
  while (taken < bytes.size()) {
    size_t count = 0;
    const int status = SSL_write_ex(ssl_.get(), bytes.data() + taken, bytes.size() - taken, &count);
    state_ = SSL_get_error(ssl_.get(), status);
    if (status != 1) break;
    taken += count;
  }
  return taken;
}

std::string TlsPeer::Read() {
  std::string bytes;
  std::array<char, 16384> part;
  for (size_t count = 0;;) {
    const int status = SSL_read_ex(ssl_.get(), part.data(), part.size(), &count);
    state_ = SSL_get_error(ssl_.get(), status);
    if (status != 1) return bytes;
    bytes.append(part.data(), count);
  }
}

void TlsPeer::SayEnd() { EXPECT_EQ(SSL_shutdown(ssl_.get()), 0); }

void TlsPeer::Leave() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
}

SocketPair::SocketPair() {
  std::array<int, 2> ends{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  ours = ends[0];
  theirs = ends[1];
}

}  // namespace holdfast::server::net
