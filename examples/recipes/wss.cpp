// wss:// by somebody else's TLS: the system's openssl encrypts what we write to one end of a pair of sockets.
//
//     wss wss://localhost:8443/ CA_FILE
#include <unistd.h>

#include <iostream>

#include <websock/websock.h>

int main(int argc, char** argv) try {
  if (argc != 3) throw std::invalid_argument("usage: wss URL CA_FILE");
  websock::ClientOptions options;
  options.open_socket = [&](const websock::Uri& uri, websock::Deadline) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::runtime_error("no pair of sockets");
    if (::fork() == 0) {
      if (::dup2(ends[1], 0) == 0 && ::dup2(ends[1], 1) == 1 && ::close(ends[0]) == 0)
        ::execlp("openssl", "openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile", argv[2],
                 "-verify_hostname", uri.host.c_str(), "-connect", (uri.host + ":" + std::to_string(uri.port)).c_str(),
                 nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    return websock::Socket(ends[0]);
  };
  websock::WebSocketClient client(argv[1], options);
  client.send("Hello");
  if (const auto answer = client.receive()) std::cout << answer->text() << std::endl;
} catch (const std::exception& error) {
  return std::cerr << error.what() << std::endl, 1;
}
