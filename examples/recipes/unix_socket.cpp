// A client over a Unix socket: the file that a server, or a proxy in front of it, listens on.
//
//     unix_socket /run/live.sock ws://localhost/
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <iostream>

#include <websock/websock.h>

int main(int argc, char** argv) try {
  if (argc != 3) throw std::invalid_argument("usage: unix_socket PATH URL");
  websock::ClientOptions options;
  options.open_socket = [&](const websock::Uri&, websock::Deadline) {
    websock::Socket socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    if (std::strlen(argv[1]) >= sizeof address.sun_path) throw std::invalid_argument("the path is too long");
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    const int error = ::connect(socket.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    if (error != 0) throw std::system_error(errno, std::generic_category(), argv[1]);
    return socket;
  };
  websock::WebSocketClient client(argv[2], options);
  client.send("Hello");
  if (const auto answer = client.receive()) std::cout << answer->text() << std::endl;
} catch (const std::exception& error) {
  std::cerr << error.what() << std::endl;
  return 1;
}
