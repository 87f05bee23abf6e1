#include <websock.h>

int main() {
  const websock::WebSocketServer server({.port = 0});
  return server.port() == 0;
}
