#include "server/net/tls_context.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_split.h"
#include "server/command/words.h"
#include "server/net/tls_transport.h"

namespace holdfast::server::net {
namespace {

using command::Concat;

// Names the server among those that share a client's session; its bytes do not matter.
constexpr unsigned char kSessionDomain[] = {'h', 'o', 'l', 'd', 'f', 'a', 's', 't'};

struct Protocol {
  std::string_view name;
  uint64_t refuse;
};
constexpr Protocol kProtocols[] = {
    {"tlsv1", SSL_OP_NO_TLSv1},
    {"tlsv1.1", SSL_OP_NO_TLSv1_1},
    {"tlsv1.2", SSL_OP_NO_TLSv1_2},
    {"tlsv1.3", SSL_OP_NO_TLSv1_3},
};

absl::Status Wrong(std::string_view parameter, std::string_view value, std::string_view why) {
  return absl::InvalidArgumentError(Concat({parameter, " '", value, "': ", why}));
}

absl::Status WrongAsOpenSslSays(const engine::Settings& settings, std::string_view parameter) {
  return Wrong(parameter, settings.Text(parameter), TlsErrorText());
}

// The passphrase is the callback's `data`; a key that has none does not ask.
int CopyPassphrase(char* buffer, int size, int /*encrypting*/, void* data) {
  const std::string& passphrase = *static_cast<const std::string*>(data);
  if (passphrase.size() > static_cast<size_t>(size)) return -1;
  return static_cast<int>(passphrase.copy(buffer, passphrase.size()));
}

absl::Status AllowProtocols(SSL_CTX& context, const engine::Settings& settings) {
  const std::string& text = settings.Text("tls-protocols");
  // What nobody should speak any more must be asked for by name.
  uint64_t refused = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
  if (!text.empty()) refused |= SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
  const std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  for (const std::string& word : words) {
    bool known = false;
    for (const Protocol& protocol : kProtocols) {
      if (!command::EqualsIgnoreCase(word, protocol.name)) continue;
      refused &= ~protocol.refuse;
      known = true;
    }
    if (!known) return Wrong("tls-protocols", text, "combine TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3");
  }
  SSL_CTX_set_options(&context, refused);
  return absl::OkStatus();
}

absl::Status ChooseCiphers(SSL_CTX& context, const engine::Settings& settings) {
  const std::string& ciphers = settings.Text("tls-ciphers");
  if (!ciphers.empty() && SSL_CTX_set_cipher_list(&context, ciphers.c_str()) != 1) {
    return WrongAsOpenSslSays(settings, "tls-ciphers");
  }
  const std::string& suites = settings.Text("tls-ciphersuites");
  if (!suites.empty() && SSL_CTX_set_ciphersuites(&context, suites.c_str()) != 1) {
    return WrongAsOpenSslSays(settings, "tls-ciphersuites");
  }
  if (settings.Flag("tls-prefer-server-ciphers")) {
    SSL_CTX_set_options(&context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  }
  return absl::OkStatus();
}

absl::Status LoadCertificate(SSL_CTX& context, const engine::Settings& settings) {
  for (std::string_view parameter : {"tls-cert-file", "tls-key-file"}) {
    if (settings.Text(parameter).empty()) return Wrong(parameter, "", "TLS needs the name of a file in PEM");
  }
  if (SSL_CTX_use_certificate_chain_file(&context, settings.Text("tls-cert-file").c_str()) != 1) {
    return WrongAsOpenSslSays(settings, "tls-cert-file");
  }
  std::string passphrase = settings.Text("tls-key-file-pass");
  SSL_CTX_set_default_passwd_cb(&context, CopyPassphrase);
  SSL_CTX_set_default_passwd_cb_userdata(&context, &passphrase);
  const absl::Cleanup forget = [&context] {
    SSL_CTX_set_default_passwd_cb(&context, nullptr);
    SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
  };
  // Also refuses a key that is not the certificate's.
  if (SSL_CTX_use_PrivateKey_file(&context, settings.Text("tls-key-file").c_str(), SSL_FILETYPE_PEM) != 1) {
    return WrongAsOpenSslSays(settings, "tls-key-file");
  }
  return absl::OkStatus();
}

// Clients' certificates: who signs them, and whether they must have one.
absl::Status TrustAuthorities(SSL_CTX& context, const engine::Settings& settings) {
  const std::string& file = settings.Text("tls-ca-cert-file");
  const std::string& folder = settings.Text("tls-ca-cert-dir");
  const std::string& clients = settings.Text("tls-auth-clients");
  if (!file.empty() && SSL_CTX_load_verify_file(&context, file.c_str()) != 1) {
    return WrongAsOpenSslSays(settings, "tls-ca-cert-file");
  }
  if (!folder.empty() && SSL_CTX_load_verify_dir(&context, folder.c_str()) != 1) {
    return WrongAsOpenSslSays(settings, "tls-ca-cert-dir");
  }
  if (clients == "no") return absl::OkStatus();
  if (file.empty() && folder.empty()) {
    return Wrong("tls-auth-clients", clients,
                 "clients' certificates need tls-ca-cert-file or tls-ca-cert-dir; "
                 "without them set tls-auth-clients to 'no'");
  }
  const int must = clients == "yes" ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | must, nullptr);
  return absl::OkStatus();
}

absl::Status LoadDhParameters(SSL_CTX& context, const engine::Settings& settings) {
  const std::string& file = settings.Text("tls-dh-params-file");
  if (file.empty()) {
    SSL_CTX_set_dh_auto(&context, 1);
    return absl::OkStatus();
  }
  BIO* bytes = BIO_new_file(file.c_str(), "r");
  const absl::Cleanup close = [bytes] { BIO_free(bytes); };
  if (bytes == nullptr) return WrongAsOpenSslSays(settings, "tls-dh-params-file");
  EVP_PKEY* parameters = nullptr;
  OSSL_DECODER_CTX* decoder = OSSL_DECODER_CTX_new_for_pkey(
      &parameters, "PEM", nullptr, "DH", OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS, nullptr, nullptr);
  const absl::Cleanup free_decoder = [decoder] { OSSL_DECODER_CTX_free(decoder); };
  if (decoder == nullptr || OSSL_DECODER_from_bio(decoder, bytes) != 1) {
    return WrongAsOpenSslSays(settings, "tls-dh-params-file");
  }
  if (SSL_CTX_set0_tmp_dh_pkey(&context, parameters) == 1) return absl::OkStatus();
  EVP_PKEY_free(parameters);
  return WrongAsOpenSslSays(settings, "tls-dh-params-file");
}

// A client that comes back resumes its session and saves both sides the dear part of the handshake: TLS 1.3
// by a ticket that the client keeps, TLS 1.2 also by the server's cache.
void KeepSessions(SSL_CTX& context, const engine::Settings& settings) {
  // Sessions are told apart by it where clients have certificates.
  SSL_CTX_set_session_id_context(&context, kSessionDomain, sizeof(kSessionDomain));
  if (!settings.Flag("tls-session-caching")) {
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(&context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(&context, 0);
    return;
  }
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(&context, settings.Integer("tls-session-cache-size"));
  SSL_CTX_set_timeout(&context, settings.Integer("tls-session-cache-timeout"));
}

void SetModes(SSL_CTX& context) {
  // An idle connection keeps no buffers: workers wait in their thousands.
  SSL_CTX_set_mode(&context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  // One read of the socket for many small records, instead of two for each.
  SSL_CTX_set_read_ahead(&context, 1);
  SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_SINGLE_DH_USE);
}

}  // namespace

absl::StatusOr<TlsContext> MakeTlsContext(const engine::Settings& settings) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return absl::InternalError("no TLS: " + TlsErrorText());
  SetModes(*context);
  KeepSessions(*context, settings);
  for (const auto step :
       {AllowProtocols, ChooseCiphers, LoadCertificate, TrustAuthorities, LoadDhParameters}) {
    const absl::Status status = step(*context, settings);
    if (!status.ok()) return status;
  }
  ERR_clear_error();
  return context;
}

}  // namespace holdfast::server::net
