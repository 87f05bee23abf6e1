// TCP sockets: the system calls this project makes, each behind a name and an owner. Nothing here knows WebSocket.
//
// Whatever the operating system refuses becomes a std::system_error. What is no refusal is a value: a timeout, the
// peer's end of the stream, a send buffer that is full.
//
// Deadlines are points on the steady clock. A signal (a debugger's, say) that interrupts a system call leads to the
// same call again, with the time that is left.
#pragma once

#include <poll.h>

#include <optional>
#include <span>
#include <string>
#include <system_error>

#include "../bytes.h"
#include "address.h"
#include "deadline.h"

namespace websock {

// One TCP connection, or a listening socket: an open descriptor and its only owner.
//
// One thread may receive while another sends; shut_down() may be called by any third. All else, the destructor above
// all, needs the object to itself.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  void close();

  // Makes any descriptor one that send() and receive() can keep their promises on, as listen_on, accept_from and
  // connect_to do with theirs. Throws std::system_error.
  void configure();
  void set_blocking(bool blocking);

  // Waits for at least one byte and returns how many were stored: 0 is the peer's end of the stream. Nothing: none came
  // within `timeout`. Throws std::system_error, after a reset for example: see is_disconnect().
  std::optional<std::size_t> receive(std::span<std::uint8_t> into, Milliseconds timeout);

  // Hands the pieces (at most kMaxPieces), one behind the other, to the system and returns how many bytes it took; it
  // never waits. 0: the send buffer is full. No SIGPIPE is raised. Throws std::system_error if the peer is gone.
  std::size_t send(std::span<const ByteView> pieces);
  static constexpr std::size_t kMaxPieces = 16;

  // Sends all of it, waiting where it has to. False: the deadline passed first.
  bool send_all(ByteView bytes, Deadline deadline);

  // The peer reads the end of the stream behind what was sent. Errors do not matter here: the connection is over.
  void shut_down_sending();
  // Receives and forgets until the peer ends its side too, or the deadline. Does not throw: a reset is an end.
  void discard_until_end(std::span<std::uint8_t> scratch, Deadline deadline);
  // Both directions: a thread that waits in receive(), or polls, wakes up.
  void shut_down();
  // From now on close() resets the connection and drops what was not yet sent (7.1.1: "when necessary"). Before
  // shut_down(), not after it: macOS takes no option from a socket that is shut in both directions.
  void reset_on_close();

  // "127.0.0.1:8467" or "[::1]:8467"; empty if that cannot be told.
  std::string peer_address() const;
  std::uint16_t local_port() const;  // 0 if that cannot be told

 private:
  void set_receive_timeout(Milliseconds timeout);

  int descriptor_ = -1;                      // -1: none
  Milliseconds receive_timeout_ = kForever;  // the SO_RCVTIMEO that the descriptor has
};

// errno, as an exception. `what`: the system call, and whatever helps to find the cause.
[[noreturn]] void throw_errno(const std::string& what);

// Whether the error says no more than that the peer has gone, which is an ordinary end.
bool is_disconnect(const std::system_error& error);

// ---- Opening ----

// Sockets that listen on all addresses of a host, on the same port each: 127.0.0.1 and [::1] for "localhost", every
// address of this machine for "". Port 0: the system chooses one for them all, see local_port(). An address of a family
// that this machine does not have is left out. Throws std::system_error if the port is in use on one of the others, or
// none is left, and std::runtime_error if the host is not known.
std::vector<Socket> listen_on_all(const std::string& host, std::uint16_t port);

// A socket that listens on a host's first address: enough for a host that is an address.
Socket listen_on(const std::string& host, std::uint16_t port);

// The next client in the queue of `listener`; nothing if there is none (any more). Throws std::system_error if this
// process, or the system, has no descriptor left.
std::optional<Socket> accept_from(const Socket& listener);

// Throws std::system_error; with std::errc::timed_out when the deadline has passed, and operation_canceled as soon as
// the descriptor `stop` can be read, if there is one.
Socket connect_to(const Address& address, Deadline deadline, int stop = -1);

// How many descriptors this process may have open.
std::size_t descriptor_limit();

// ---- Waiting ----

// poll(2). Returns whether anything happened before the deadline.
bool wait_for(std::span<pollfd> descriptors, Deadline deadline);

// A pipe to oneself: makes a thread that waits in poll(2) look up. wake() may be called by any thread.
class WakePipe {
 public:
  WakePipe();
  void wake();
  void clear();  // by the thread that waits
  int descriptor() const { return read_end_.descriptor(); }

 private:
  Socket read_end_;
  Socket write_end_;
};

}  // namespace websock
