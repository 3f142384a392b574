#include "tests/harness/oracle.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <utility>

namespace holdfast::harness {
namespace {

constexpr const char* kProgram = "/usr/bin/redis-check-rdb";

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  const bool bound = bind(probe, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  close(probe);
  return bound ? ntohs(address.sin_port) : 0;
}

[[noreturn]] void Become(const std::string& program, int port, const std::string& folder) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string port_text = std::to_string(port);
  execl(program.c_str(), "redis-server", "--port", port_text.c_str(), "--bind", "127.0.0.1", "--save", "",
        "--appendonly", "no", "--dir", folder.c_str(), "--logfile", "/dev/null", nullptr);
  _exit(127);
}

}  // namespace

Oracle* Oracle::Get() {
  static const std::unique_ptr<Oracle> oracle = New();
  return oracle.get();
}

std::unique_ptr<Oracle> Oracle::New() {
  std::unique_ptr<Oracle> made(new Oracle);
  return made->Start() ? std::move(made) : nullptr;
}

bool Oracle::Start() {
  if (access(kProgram, X_OK) != 0) return false;
  port_ = FreePort();
  const std::string name = "oracle." + std::to_string(getpid()) + "." + std::to_string(port_);
  folder_ = (std::filesystem::temp_directory_path() / name).string();
  std::filesystem::create_directories(folder_);
  const std::string program = folder_ + "/redis-server";
  std::error_code ignored;
  std::filesystem::create_symlink(kProgram, program, ignored);
  process_ = fork();
  if (process_ == 0) Become(program, port_, folder_);
  for (int attempt = 0; attempt < 200; ++attempt) {
    if (OracleClient(port_).connected()) return true;
    poll(nullptr, 0, 25);
  }
  return false;
}

Oracle::~Oracle() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

OracleClient::OracleClient(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  const sockaddr_in address = Loopback(port);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return;
  close(socket_);
  socket_ = -1;
}

OracleClient::~OracleClient() {
  if (socket_ >= 0) close(socket_);
}

void OracleClient::Send(const std::vector<std::string>& words) {
  std::string request = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  for (size_t sent = 0; sent < request.size();) {
    const ssize_t count = send(socket_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<size_t>(count);
  }
}

bool OracleClient::ReadMore(std::chrono::milliseconds patience) {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return false;
  std::array<char, 65536> bytes;
  const ssize_t count = recv(socket_, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  parser_.Feed({bytes.data(), static_cast<size_t>(count)});
  return true;
}

std::vector<resp::Reply> OracleClient::Take(size_t wanted, std::chrono::milliseconds patience) {
  std::vector<resp::Reply> replies;
  const auto collect = [&] {
    resp::Reply reply;
    while (parser_.Next(reply) == resp::ReplyParser::Result::kReply) replies.push_back(std::move(reply));
  };
  collect();
  while (ReadMore(replies.size() < wanted ? patience : std::chrono::milliseconds(0))) collect();
  return replies;
}

resp::Reply OracleClient::Ask(const std::vector<std::string>& words) {
  Send(words);
  std::vector<resp::Reply> replies = Take(1);
  return replies.empty() ? resp::Reply{} : std::move(replies.front());
}

}  // namespace holdfast::harness
