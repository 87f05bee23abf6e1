// Its own files may be called as ours are: none of ours is on its include path but <websock/...> and <websock.h>.
#include <websock.h>
#include <websock/framing/frame.h>
#include <websock/websock.h>

#include "bytes.h"
#include "client.h"
#include "http.h"
#include "message.h"

int main() {
  const websock::WebSocketServer server({.port = 0});
  return server.port() == 0 || outside::kBytes + outside::kClient + outside::kHttp + outside::kMessage != 4;
}
