// A room as one writes it the first time: a thread for each client, and whoever has to wait, waits.
//
// Its faults: it believes whatever length a frame announces. A broadcast waits for the slowest, and holds the lock that
// everybody needs. A broken rule ends it all. Fragments are messages, and no Ping is answered.
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include <websock/framing/mask.h>
#include <websock/protocol/message.h>

#include "common/loopback.h"
#include "milestones/shake_hands.h"

using namespace websock;

namespace {

std::mutex mutex;  // guards the members
std::vector<int> members;

bool receive(int client, std::span<std::uint8_t> into) {
  return ::recv(client, into.data(), into.size(), MSG_WAITALL) == static_cast<ssize_t>(into.size());
}

// The payload of the next frame; nothing if there is none.
std::optional<Bytes> receive_frame(int client) {
  Bytes head;
  std::optional<FrameHeader> header;
  while (!(header = parse_frame_header(head, {.sender = Role::client}))) {
    head.push_back(0);
    if (!receive(client, std::span(head).last(1))) return std::nullopt;
  }
  Bytes payload(static_cast<std::size_t>(header->payload_length));  // as many as it says
  if (header->opcode == Opcode::close || !receive(client, payload)) return std::nullopt;
  apply_mask(payload, *header->masking_key);
  return payload;
}

void broadcast(const Bytes& payload) {
  FrameHeader header;
  header.opcode = Opcode::text;
  header.payload_length = payload.size();
  Bytes frame;
  append_frame(frame, header, payload);
  const std::lock_guard lock(mutex);
  for (const int member : members) ::send(member, frame.data(), frame.size(), MSG_NOSIGNAL);  // until it has taken all
}

void serve(int client) {
  if (shake_hands(client)) {
    {
      const std::lock_guard lock(mutex);
      members.push_back(client);
    }
    while (const std::optional<Bytes> payload = receive_frame(client)) broadcast(*payload);
    const std::lock_guard lock(mutex);
    std::erase(members, client);
  }
  ::close(client);
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = listen_on_loopback(argc, argv, "naive_room [--port PORT]      a first attempt");
  for (;;) std::thread(serve, ::accept(listener, nullptr, nullptr)).detach();
}
