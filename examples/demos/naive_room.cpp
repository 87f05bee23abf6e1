// A room as one writes it the first time: a thread for each client, and whoever has to wait, waits.
//
// Its faults: it believes whatever length a frame announces. A broadcast waits for the slowest, and holds the lock that
// everybody needs. A broken rule ends it all. Fragments are messages, and no Ping is answered. Each has a line below
// that says "fault": do not copy those.
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

// Fills all of `into`; false if the client has gone before. Fault: for this it waits without end.
bool receive(int client, std::span<std::uint8_t> into) {
  return ::recv(client, into.data(), into.size(), MSG_WAITALL) == static_cast<ssize_t>(into.size());
}

// The payload of the next frame; nothing if there is none.
std::optional<Bytes> receive_frame(int client) {
  Bytes head;
  std::optional<FrameHeader> header;
  // A byte at a time, and none too many: what is behind the header is payload. Fault: what is thrown here leaves the
  // thread, and that ends the program.
  while (!(header = parse_frame_header(head, {.sender = Role::client}))) {
    head.push_back(0);
    if (!receive(client, std::span(head).last(1))) return std::nullopt;
  }
  Bytes payload(static_cast<std::size_t>(header->payload_length));  // fault: ten bytes may claim 2^62 of these
  if (header->opcode == Opcode::close || !receive(client, payload)) return std::nullopt;
  // There is a key: the parser refuses a client's frame without one.
  apply_mask(payload, *header->masking_key);
  return payload;
}

// To everybody, the speaker included. Fault: of a Ping or of a fragment it makes a text of its own, and it checks no
// UTF-8.
void broadcast(const Bytes& payload) {
  FrameHeader header;
  header.opcode = Opcode::text;
  header.payload_length = payload.size();
  Bytes frame;
  append_frame(frame, header, payload);
  // Or a member could leave, and its number belong to another socket. Fault: it is held while we send.
  const std::lock_guard lock(mutex);
  for (const int member : members) ::send(member, frame.data(), frame.size(), MSG_NOSIGNAL);  // fault: waits for each
}

// A client's thread, from end to end. What came behind the request is in the result of shake_hands(). Fault: it is
// thrown away.
void serve(int client) {
  if (shake_hands(client)) {
    {
      const std::lock_guard lock(mutex);
      members.push_back(client);
    }
    while (const std::optional<Bytes> payload = receive_frame(client)) broadcast(*payload);
    // Off the list before close(): nobody may send to a number that is free again.
    const std::lock_guard lock(mutex);
    std::erase(members, client);
  }
  ::close(client);
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = listen_on_loopback(argc, argv, "naive_room [--port PORT]      a first attempt");
  // Detached: nobody waits for them, and nobody counts them. Fault: a thousand clients are a thousand threads.
  for (;;) std::thread(serve, ::accept(listener, nullptr, nullptr)).detach();
}
