// A client behind an HTTP proxy, which is asked to CONNECT us to the server and to pass on bytes from then on.
//
//     http_proxy PROXY_HOST PROXY_PORT ws://example.com/
#include <iostream>

#include <websock/websock.h>

using namespace websock;

int main(int argc, char** argv) try {
  if (argc != 4) throw std::invalid_argument("usage: http_proxy PROXY_HOST PROXY_PORT URL");
  ClientOptions options;
  options.open_socket = [&](const Uri& uri, Deadline deadline) {
    Socket socket = connect_to(resolve(argv[1], std::uint16_t(std::atoi(argv[2]))).front(), deadline);
    const std::string host = uri.host + ":" + std::to_string(uri.port);
    socket.send_all(bytes_of("CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"), deadline);
    std::string head;  // byte by byte, since what is behind it is the server's
    for (std::uint8_t byte = 0; !find_head(head); head += char(byte)) {
      if (socket.receive({&byte, 1}, time_left(deadline)).value_or(0) == 0) throw std::runtime_error("no proxy");
    }
    if (parse_response(head).status != 200) throw std::runtime_error("the proxy refuses");
    return socket;
  };
  WebSocketClient client(argv[3], options);
  client.send("Hello");
  if (const auto answer = client.receive()) std::cout << answer->text() << std::endl;
} catch (const std::exception& error) {
  std::cerr << error.what() << std::endl;
  return 1;
}
