// Data for each client: a slot in the connection holds whatever you put there, here a name and a count.
//
//     client_data [PORT]
#include <iostream>

#include <websock/websock.h>

struct Guest {
  std::string name;
  int messages = 0;
};

int main(int argc, char** argv) {
  websock::WebSocketServer server(
      {.port = std::uint16_t(argc > 1 ? std::atoi(argv[1]) : 8467),
       .on_data_receive =
           [](const auto& client, const auto&) {
             Guest& guest = std::any_cast<Guest&>(client->data);  // this client's callbacks come one at a time: no lock
             client->send(guest.name + " has said " + std::to_string(++guest.messages));
           },
       .on_connection_open =
           [](const auto& client) { client->data = Guest{client->request().query("name").value_or("Somebody")}; }});
  std::cout << "listening on ws://127.0.0.1:" << server.port() << "/" << std::endl;
  server.serve_forever();
}
