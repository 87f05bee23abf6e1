// One thread for both ways, in poll(2). A way reads no more until its last piece has left: so a side that does not read
// makes the other side wait, as if there were nobody between them, and neither way holds up the other.
//
//     client  >  receive  >  waiting (64 KiB at most)  >  send  >  server
//     client  <  send     <  waiting (64 KiB at most)  <  receive  <  server
//
// Without that rule a server that sends a gigabyte to a client that reads nothing would have it all in our memory.
#include "relay.h"

#include <array>
#include <memory>

#include <websock/endpoints/thread_group.h>

#include "common/arguments.h"

using namespace websock;

namespace {

// One of the two directions.
struct Way {
  Role sender;
  Socket& from;
  Socket& to;
  Bytes waiting = {};
  bool ended = false;

  // Its end was read, or a piece still waits: either way there is nothing to read now.
  bool may_read() const { return !ended && waiting.empty(); }
  bool is_done() const { return ended && waiting.empty(); }
};

// Thrown where a side turns out to be gone without an orderly end.
struct Gone {
  Role who;
};

// Sends what it can of what waits. The end goes the same way, behind the last byte: only then is our sending side shut.
void push(Way& way) {
  const ByteView waiting = way.waiting;
  try {
    // send() never waits; what it does not take stays, and poll(2) tells when there is room.
    const std::size_t sent = waiting.empty() ? 0 : way.to.send({&waiting, 1});
    way.waiting.erase(way.waiting.begin(), way.waiting.begin() + static_cast<std::ptrdiff_t>(sent));
  } catch (const std::system_error&) {
    // The one that we send to, not the one that we read from.
    throw Gone{way.sender == Role::client ? Role::server : Role::client};
  }
  if (way.is_done()) way.to.shut_down_sending();
}

// Reads a piece, lets it be heard, and tries to pass it on at once. REQUIRES: the last piece has left.
void pull(Way& way, std::span<std::uint8_t> scratch, const Witness& witness) {
  std::optional<std::size_t> count;
  try {
    count = way.from.receive(scratch, Milliseconds(0));
  } catch (const std::system_error&) {
    throw Gone{way.sender};
  }
  if (!count) return;  // nothing has come after all
  // 0 bytes is the end of the stream (recv(2)), which is passed on like anything else.
  way.ended = *count == 0;
  way.waiting.assign(scratch.data(), scratch.data() + *count);
  // Heard before it is passed on: so a question is printed before its answer.
  if (way.ended)
    witness.hear_end(way.sender, false);
  else
    witness.hear(way.sender, way.waiting);
  push(way);
}

// Readable is what we wait for where there is room, writable where there is not. A side that ended is waited for no
// more, or poll(2) would return for ever.
void wait_and_pass_on(std::array<Way, 2>& ways, std::span<std::uint8_t> scratch, const Witness& witness) {
  std::array<pollfd, 2> ready{};  // ready[i] is where ways[i] comes from, and where the other one goes
  for (std::size_t i = 0; i < 2; ++i) {
    ready[i].events =
        static_cast<short>((ways[i].may_read() ? POLLIN : 0) | (ways[1 - i].waiting.empty() ? 0 : POLLOUT));
    // Not 0 events: poll(2) would still report an end or an error, and this would spin.
    ready[i].fd = ready[i].events == 0 ? -1 : ways[i].from.descriptor();  // -1: poll(2) looks away
  }
  wait_for(ready, kNever);
  for (std::size_t i = 0; i < 2; ++i) {
    if (ready[i].revents == 0) continue;
    // Whatever woke us, try both: what cannot be done costs one system call, and an error shows in either.
    if (!ways[1 - i].waiting.empty()) push(ways[1 - i]);
    if (ways[i].may_read()) pull(ways[i], scratch, witness);
  }
}

// A client in the queue, to be served as the number `number`. False: there was none.
bool serve_next(const Socket& listener, ThreadGroup& threads, int number,
                const std::function<void(Socket, int)>& serve) {
  // accept_from() does not wait; the client that woke us may have left again.
  pollfd ready{listener.descriptor(), POLLIN, 0};
  wait_for({&ready, 1}, kNever);
  std::optional<Socket> client = accept_from(listener);
  if (!client) return false;
  // Accepted first, and not left in the queue: there it would wait without a word, and its user with it.
  if (threads.size() >= kMaxRelayed)
    throw std::runtime_error("closed a client: " + std::to_string(kMaxRelayed) + " are here already");
  // A shared_ptr: a std::function can be copied, and a Socket cannot.
  threads.start(
      [&serve, number, shared = std::make_shared<Socket>(std::move(*client))] { serve(std::move(*shared), number); });
  return true;
}

}  // namespace

// Until the process ends. `serve` outlives the threads, since this function does not return.
void serve_clients(const Socket& listener, const std::function<void(Socket, int)>& serve,
                   const std::function<void(const std::string&)>& complain) {
  ThreadGroup threads;
  for (int number = 1;;) {
    try {
      if (serve_next(listener, threads, number, serve)) ++number;
    } catch (const std::exception& error) {
      // One too many; or no descriptor, no thread or no memory is left for one more. Whoever leaves gives some back.
      // The wait is short, but without it, where nobody leaves, this would be a loop that prints as fast as it can.
      complain(error.what());
      threads.wait_for_an_end(deadline_after(Milliseconds(100)));
    }
  }
}

// The last colon, since an address of IPv6 has others. Only the first address of a name is dialled.
Address parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  // 0: ":8467" names no host.
  if (colon == text.npos || colon == 0) throw BadArgument("not HOST:PORT");
  const bool bracketed = text[0] == '[' && text[colon - 1] == ']';
  const std::string host = bracketed ? text.substr(1, colon - 2) : text.substr(0, colon);
  return resolve(host, static_cast<std::uint16_t>(parse_number(text.substr(colon + 1), 1, 65535))).front();
}

// The sockets are this function's, so however it ends, both are closed. An end of one side is not the end: a client may
// shut its sending side down, and wait for the answer.
void relay(Socket client, Socket server, const Witness& witness) {
  std::array<Way, 2> ways = {{{Role::client, client, server}, {Role::server, server, client}}};
  // One for both ways: what was read is in `waiting` before anything else is.
  Bytes scratch(64 * 1024);
  try {
    while (!ways[0].is_done() || !ways[1].is_done()) wait_and_pass_on(ways, scratch, witness);
  } catch (const Gone& gone) {
    witness.hear_end(gone.who, true);
    // The other side is to see what this one did: a reset, and no orderly end that nobody has sent.
    client.reset_on_close();
    server.reset_on_close();
  }
}
