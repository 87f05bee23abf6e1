#include "drain.h"

#include <algorithm>
#include <thread>
#include <vector>

using websock::Milliseconds;

void drain(websock::WebSocketServer& server, Room& room, Milliseconds time) {
  // From here on /health and the handshake say 503. Runs on the thread of StopSignals, where it may sleep; a second
  // signal ends the program meanwhile.
  room.set_draining(time > Milliseconds(0));
  // A balancer asks every second or so, and believes it the second time. A page comes back within a second or two.
  const Milliseconds notice = std::min(Milliseconds(3'000), time / 3);
  const Milliseconds grace = notice;
  std::this_thread::sleep_for(notice);
  // As of now. Who has gone by itself meanwhile is closed in vain; who slips in is left to close_server() below.
  const std::vector<websock::Client> clients = server.clients();
  for (const websock::Client& client : clients) {
    client->close(websock::CloseCode::service_restart);
    std::this_thread::sleep_for((time - notice - grace) / clients.size());
  }
  std::this_thread::sleep_for(grace);
  // serve_forever() returns when the last has gone, and run() goes on to end_drain().
  server.close_server(websock::CloseCode::service_restart);
}
