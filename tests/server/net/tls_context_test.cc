#include "server/net/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/net/tls_peer.h"

namespace holdfast::server::net {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TlsContextTest : public testing::Test {
 protected:
  TlsContextTest() { files_.Configure(settings_); }

  void Set(std::string_view parameter, std::string_view value) {
    EXPECT_EQ(settings_.Configure(parameter, value), "");
  }
  // Why there is no context; "" if there is one.
  [[nodiscard]] std::string Refusal() const {
    return std::string(MakeTlsContext(settings_).status().message());
  }

  CertificateFiles files_;
  engine::Settings settings_;
};

TEST_F(TlsContextTest, ACertificateAndItsKeyAreEnough) { EXPECT_EQ(Refusal(), ""); }

TEST_F(TlsContextTest, NamesTheParameterTheFileAndTheReason) {
  Set("tls-cert-file", "/nowhere.pem");
  EXPECT_EQ(Refusal(), "tls-cert-file '/nowhere.pem': No such file or directory");
  Set("tls-cert-file", "");
  EXPECT_THAT(Refusal(), StartsWith("tls-cert-file '': "));
  Set("tls-cert-file", files_.certificate());
  Set("tls-key-file", files_.certificate());
  EXPECT_THAT(Refusal(), StartsWith("tls-key-file '" + files_.certificate() + "': "));
  Set("tls-key-file", files_.key());
  Set("tls-dh-params-file", files_.certificate());
  EXPECT_THAT(Refusal(), StartsWith("tls-dh-params-file "));
}

TEST_F(TlsContextTest, AKeyThatIsNotTheCertificatesIsRefused) {
  const CertificateFiles other;
  Set("tls-key-file", other.key());
  EXPECT_THAT(Refusal(), HasSubstr("key values mismatch"));
}

TEST_F(TlsContextTest, ALockedKeyIsOpenedByItsPassphraseOnly) {
  const CertificateFiles locked("open sesame");
  locked.Configure(settings_);
  EXPECT_THAT(Refusal(), StartsWith("tls-key-file "));
  Set("tls-key-file-pass", std::string(5000, 'x'));
  EXPECT_THAT(Refusal(), StartsWith("tls-key-file "));
  Set("tls-key-file-pass", "open sesame");
  EXPECT_EQ(Refusal(), "");
}

TEST_F(TlsContextTest, AskingForClientsCertificatesNeedsAnAuthority) {
  for (const char* mode : {"yes", "optional"}) {
    Set("tls-auth-clients", mode);
    Set("tls-ca-cert-file", "");
    EXPECT_THAT(Refusal(), HasSubstr("tls-ca-cert-file or tls-ca-cert-dir"));
    Set("tls-ca-cert-file", files_.certificate());
    EXPECT_EQ(Refusal(), "");
    Set("tls-ca-cert-file", "/nowhere.pem");
    EXPECT_THAT(Refusal(), StartsWith("tls-ca-cert-file '/nowhere.pem': "));
  }
}

TEST_F(TlsContextTest, ProtocolsAreKnownByTheirNamesInAnyCase) {
  for (const char* good : {"", "TLSv1.2", "tlsv1.3  TLSv1.2", "TLSv1 TLSv1.1"}) {
    Set("tls-protocols", good);
    EXPECT_EQ(Refusal(), "") << good;
  }
  Set("tls-protocols", "TLSv1.2 SSLv3");
  EXPECT_THAT(Refusal(), StartsWith("tls-protocols 'TLSv1.2 SSLv3': "));
}

TEST_F(TlsContextTest, CiphersThatNobodyKnowsAreRefused) {
  Set("tls-ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256");
  Set("tls-ciphersuites", "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(Refusal(), "");
  Set("tls-ciphers", "nonsense");
  EXPECT_THAT(Refusal(), StartsWith("tls-ciphers 'nonsense': "));
  Set("tls-ciphers", "");
  Set("tls-ciphersuites", "nonsense");
  EXPECT_THAT(Refusal(), StartsWith("tls-ciphersuites 'nonsense': "));
}

}  // namespace
}  // namespace holdfast::server::net
