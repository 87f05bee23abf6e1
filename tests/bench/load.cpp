// One loop around poll(2). A client that gets an answer sends its next message at once, so that the number of its
// messages in flight never changes. All clients send the same frame over and over, which is made beforehand: what the
// load costs itself would slow down what it measures. (10.3 wants a fresh masking key for every frame. It protects
// proxies from scripts in browsers, of which there are none here.)
//
// Simplification: Pings are not answered. A server that pings only after a silence, as ours does, sends none.
#include "load.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

#include "handshake/handshake.h"
#include "protocol/protocol.h"
#include "server_process.h"
#include "timing.h"
#include "transport/receive_buffer.h"
#include "transport/socket.h"

using namespace websock;

namespace {

// What all clients share.
struct Shared {
  const Load& load;
  Bytes payload = {};
  Bytes frame = {};
  std::vector<float> round_trips = {};
};

class LoadClient {
 public:
  LoadClient(Shared& shared, Socket socket)
      : shared_(&shared), socket_(std::move(socket)), due_(shared.load.in_flight), to_send_(shared.load.in_flight) {}

  void shake_hands();
  void begin() {
    std::fill(due_.begin(), due_.end(), Clock::now());
    send();
  }
  // What the client waits for, and what it does then.
  pollfd waits_for() const {
    return {socket_.descriptor(), static_cast<short>(to_send_ > 0 ? POLLIN | POLLOUT : POLLIN), 0};
  }
  void on_ready(const pollfd& ready) {
    if ((ready.revents & ~POLLOUT) != 0) receive();
    if (to_send_ > 0) send();
  }
  bool has_answer() const { return has_answer_; }

 private:
  void send();
  void receive();
  void understand(Clock::time_point now);
  void answered(Clock::time_point now);

  Shared* shared_;
  Socket socket_;
  ReceiveBuffer received_;
  Protocol protocol_{Role::client, {.max_message = SIZE_MAX}};
  std::vector<Clock::time_point> due_;  // when each message in flight was to leave: a ring
  std::size_t next_answer_ = 0;         // a place in it
  std::size_t to_send_;                 // messages that have not left completely
  std::size_t sent_of_first_ = 0;       // bytes of the first of them
  std::size_t raw_bytes_ = 0;           // of an answer that is not complete
  bool has_answer_ = false;             // the first one is compared byte for byte
};

void LoadClient::shake_hands() {
  const Uri& uri = shared_->load.uri;
  const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";  // 4.1 wants a random one; to the server it is all the same
  const Deadline deadline = deadline_after(Milliseconds(10'000));
  socket_.send_all(bytes_of(serialize_head(make_request(host_field(uri), uri.resource, key, {}))), deadline);
  for (;;) {
    const std::size_t count = socket_.receive(received_.make_room(), time_left(deadline)).value_or(0);
    if (count == 0) throw std::runtime_error("no answer to an opening handshake");
    received_.add(count);
    const std::string_view text = text_of(received_.unread());
    const std::optional<std::size_t> size = find_head(text);
    if (!size) continue;
    check_response(parse_response(text.substr(0, *size)), key, {});
    received_.unread() = received_.unread().subspan(*size);
    return protocol_.handshake_completed();
  }
}

void LoadClient::send() {
  const ByteView frame = shared_->frame;
  while (to_send_ > 0) {
    std::array<ByteView, Socket::kMaxPieces> pieces;
    pieces.fill(frame);
    pieces[0] = frame.subspan(sent_of_first_);
    const std::size_t sent = socket_.send(std::span(pieces).first(std::min(to_send_, pieces.size())));
    if (sent == 0) return;
    to_send_ -= (sent_of_first_ + sent) / frame.size();
    sent_of_first_ = (sent_of_first_ + sent) % frame.size();
  }
}

void LoadClient::receive() {
  for (;;) {
    const std::span<std::uint8_t> room = received_.make_room();
    const std::optional<std::size_t> count = socket_.receive(room, Milliseconds(0));
    if (!count) return;
    if (*count == 0) throw std::runtime_error("the server ended a connection");
    received_.add(*count);
    understand(Clock::now());
    if (*count < room.size()) return;  // most likely there is no more
  }
}

void LoadClient::understand(Clock::time_point now) {
  if (shared_->load.raw) {
    raw_bytes_ += received_.unread().size();
    received_.unread() = {};
    for (; raw_bytes_ >= shared_->frame.size(); raw_bytes_ -= shared_->frame.size()) answered(now);
    return;
  }
  while (const Event* event = protocol_.next_event(received_.unread())) {
    if (event->type == EventType::ping || event->type == EventType::pong) continue;
    if (event->type != EventType::message) throw std::runtime_error("the server closed a connection");
    const bool same = has_answer_ ? event->payload.size() == shared_->payload.size()
                                  : std::ranges::equal(event->payload, shared_->payload);
    if (!same) throw std::runtime_error("an answer is not what was sent");
    answered(now);
  }
}

// The next message is due at once, and takes the answered one's place.
void LoadClient::answered(Clock::time_point now) {
  has_answer_ = true;
  Clock::time_point& due = due_[next_answer_];
  shared_->round_trips.push_back(static_cast<float>(seconds_of(now - due) * 1e6));
  due = now;
  next_answer_ = (next_answer_ + 1) % due_.size();
  ++to_send_;
}

// ---- All of them ----

Bytes make_payload(const Load& load) {
  Bytes payload(load.payload);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>('a' + i % 26);
  return payload;
}

Bytes make_frame(const Load& load, ByteView payload) {
  Protocol client(Role::client);
  client.handshake_completed();
  Bytes frame;
  client.send_message({load.opcode, payload}, frame);
  return frame;
}

std::vector<LoadClient> open_clients(Shared& shared) {
  const Load& load = shared.load;
  const Address address = resolve(load.uri.host, load.uri.port).front();
  std::vector<LoadClient> clients;
  clients.reserve(load.clients);
  while (clients.size() < load.clients) {
    clients.emplace_back(shared, connect_to(address, deadline_after(Milliseconds(10'000))));
    if (!load.raw) clients.back().shake_hands();
  }
  return clients;
}

void run_for(Milliseconds time, std::vector<LoadClient>& clients) {
  const Deadline deadline = deadline_after(time);
  std::vector<pollfd> waits(clients.size());
  while (Clock::now() < deadline) {
    std::ranges::transform(clients, waits.begin(), [](const LoadClient& client) { return client.waits_for(); });
    if (!wait_for(waits, deadline)) return;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (waits[i].revents != 0) clients[i].on_ready(waits[i]);
    }
  }
}

// Goes on until it is enough: on a busy machine a long message, or a thousand clients, take their time.
template <class Condition>
void run_until(Condition is_enough, Milliseconds at_least, std::vector<LoadClient>& clients) {
  const Deadline patience = deadline_after(Milliseconds(60'000));
  do {
    run_for(at_least, clients);
  } while (!is_enough() && Clock::now() < patience);
}

}  // namespace

Outcome run_load(const Load& load) {
  const auto server_is = [&](double (*what)(pid_t)) { return load.server_pid == 0 ? NAN : what(load.server_pid); };
  Shared shared{load};
  shared.payload = make_payload(load);
  shared.frame = make_frame(load, shared.payload);
  const double memory = server_is(resident_kib);
  std::vector<LoadClient> clients = open_clients(shared);
  for (LoadClient& client : clients) client.begin();
  run_until([&] { return std::ranges::all_of(clients, &LoadClient::has_answer); }, load.time / 5, clients);

  shared.round_trips.clear();
  const Clock::time_point begin = Clock::now();
  const double load_cpu = cpu_seconds(0);
  const double server_cpu = server_is(cpu_seconds);
  const std::size_t enough = 2 * load.clients * load.in_flight;
  run_until([&] { return shared.round_trips.size() >= enough; }, load.time, clients);
  return {.seconds = seconds_of(Clock::now() - begin),
          .round_trips = std::move(shared.round_trips),
          .load_cpu = cpu_seconds(0) - load_cpu,
          .server_cpu = server_is(cpu_seconds) - server_cpu,
          .server_memory = server_is(resident_kib) - memory};
}
