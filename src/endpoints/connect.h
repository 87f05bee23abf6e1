// Connecting: from the name of a host to a TCP connection, all within one deadline.
//
//     "example.com"  >  [2001:db8::7]:80, 192.0.2.7:80  >  a turn for the first  >  connect  >  (the next)  >  a socket
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../transport/address.h"
#include "../transport/deadline.h"
#include "../transport/socket.h"

namespace websock {

// Lets any thread end what another one waits for that connects: the look-up of the name, its turn, TCP, the response.
// Whatever connects with it from then on ends at once, too.
class ConnectStop {
 public:
  void stop();
  bool is_stopped() const { return stopped_; }
  int descriptor() const { return pipe_.descriptor(); }  // for poll(2): readable once it is stopped

 private:
  WakePipe pipe_;
  std::atomic<bool> stopped_ = false;
};

// Waits until a descriptor can be read, or written to. Throws std::system_error: timed_out when the deadline has
// passed, operation_canceled after stop->stop(), if there is one. `what` is how the error's sentence begins.
void wait_to_read(int descriptor, Deadline deadline, const ConnectStop* stop, const std::string& what);
void wait_to_write(int descriptor, Deadline deadline, const ConnectStop* stop, const std::string& what);

// Being in the state CONNECTING towards one address, for as long as this object lives. RFC 6455 section 4.1, item 2:
// "There MUST be no more than one connection in a CONNECTING state" for each address, in this process.
class Turn {
 public:
  // Waits until nobody else is. Throws like wait_to_read().
  Turn(std::string address, Deadline deadline, const ConnectStop* stop = nullptr);
  Turn(Turn&& other) noexcept : address_(std::exchange(other.address_, {})) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn();

 private:
  std::string address_;  // "192.0.2.7:80"; empty in an object that was moved away from
};

// A connection whose opening handshake is to come. The turn has to be kept until that is over, well or not: so long the
// state is CONNECTING.
struct Dialled {
  Turn turn;
  Socket socket;
};

// How a name becomes addresses; one at least. A test brings its own.
using LookUp = std::function<std::vector<Address>(const std::string& host, std::uint16_t port)>;

// Looks the host up, and tries its addresses in turn, each for its share of the time that is left: half of it for the
// first of two. Waiting for one's turn counts as well. Throws std::system_error (what was wrong with the last address,
// or the time was over, or it was stopped), and std::runtime_error if the name is not known. May be called by any
// thread.
Dialled dial(const std::string& host, std::uint16_t port, Deadline deadline, const LookUp& look_up = resolve,
             const ConnectStop* stop = nullptr);

}  // namespace websock
