// One thread for each connection, in poll(2): for bytes, for a wish, or until the next step is due.
//
//     page's thread        perform()  >  Wishes (a mutex, a pipe)  >  take_wishes()     this connection's thread
//     browser              bytes      >  socket                    >  receive()
//
// The Protocol here knows nothing of the acts: their bytes go round it. So its state is not the connection's. Whether a
// Close was sent, or a rule broken, the tape is asked, which reads what was really sent.
//
// Simplification: the handshake has no time limit, so 64 connections that say nothing keep all others out.
#include "specimen.h"

#include <array>
#include <cstdio>
#include <deque>
#include <utility>

#include <websock/protocol/protocol.h>

#include "tape.h"

using namespace websock;

namespace {

constexpr std::size_t kMaxSpecimens = 64;  // a page that opens them in a loop gets no more threads of us
constexpr Milliseconds kPatience(10'000);  // with a browser that does not read
constexpr Milliseconds kRetry(100);        // when there was no descriptor for one more

// The value of one parameter of a query, as it stands there; "" without it. Not decoded: the page compares it with what
// it has sent.
std::string parameter(std::string_view query, std::string_view name) {
  for (const std::string_view part : split(query, '&')) {
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return std::string(part.substr(name.size() + 1));
  }
  return "";
}

}  // namespace

// One connection. All of it belongs to its own thread.
class Specimen {
 public:
  // The socket first: the tape asks it who the peer is. Nobody knows a connection before it has the tape's number.
  Specimen(Socket socket, Recorder& recorder)
      : socket_(std::move(socket)), tape_(recorder, true, socket_.peer_address(), "") {}

  std::uint64_t connection() const { return tape_.connection(); }

  // The whole life of the connection. An error of the socket is a browser that has gone, or one that read nothing for
  // kPatience. Any other exception ends up in converse().
  void run(const UpgradeRules& rules, Specimens::Wishes& wishes) {
    try {
      while (!ended_) wait_and_act(rules, wishes);
    } catch (const std::system_error&) {
      tape_.end(Role::client, true);
    }
  }

 private:
  // A wish first, so that a step without a pause is taken in the same round; then the step that is due; then what came
  // in. Any of them may end the connection.
  void wait_and_act(const UpgradeRules& rules, Specimens::Wishes& wishes) {
    std::array<pollfd, 2> ready = {{{socket_.descriptor(), POLLIN, 0}, {wishes.wake.descriptor(), POLLIN, 0}}};
    wait_for(ready, steps_.empty() ? kNever : due_);
    if (ready[1].revents != 0) take_wishes(wishes);
    if (!steps_.empty() && time_left(due_) == Milliseconds(0)) take_step();
    // Not POLLIN alone: of a reset poll(2) tells as an error, and receive() finds out what it was.
    if (!ended_ && ready[0].revents != 0) receive(rules);
  }

  // ---- What the page wants ----

  // Puts the steps of new acts behind those that are under way: two acts never mix.
  void take_wishes(Specimens::Wishes& wishes) {
    // Before we look, not after: a wish that came in between would have its byte taken out of the pipe, and wait.
    wishes.wake.clear();
    const std::lock_guard lock(wishes.mutex);
    if (steps_.empty() && !wishes.steps.empty()) due_ = deadline_after(wishes.steps.front().pause);
    for (Step& step : std::exchange(wishes.steps, {})) steps_.push_back(std::move(step));
  }

  // Sends a step's bytes as they are, through no stage. Before the handshake, and after the browser's goodbye, they are
  // left out: there is nobody to learn from them. After our own wrongs they are sent: one may do several.
  void take_step() {
    const Step step = std::move(steps_.front());
    steps_.pop_front();
    // A pause begins where the step before it ends.
    if (!steps_.empty()) due_ = deadline_after(steps_.front().pause);
    if (protocol_ && !said_goodbye_) send(step.bytes);
    if (step.drops_tcp) {
      socket_.reset_on_close();
      end(true);
    }
  }

  // ---- What the browser says ----

  // REQUIRES: poll(2) has said that there is something. So nothing (value_or) and 0 are both the end.
  void receive(const UpgradeRules& rules) {
    const std::size_t count = socket_.receive(scratch_, Milliseconds(0)).value_or(0);
    if (count == 0) {
      // The browser ends TCP first: it does so when we did wrong, or when its page is left.
      tape_.end(Role::client, false);
      return end(false);
    }
    const std::span<std::uint8_t> bytes(scratch_.data(), count);
    // Recorded before it is answered, so that the page sees them in that order; and as it came: answer() unmasks in
    // place.
    tape_.pass(Role::client, "recv", bytes);
    unread_.insert(unread_.end(), bytes.begin(), bytes.end());
    if (!protocol_) open(rules);
    // Not "else": a client may send a frame right behind its request.
    if (protocol_) answer();
  }

  // The opening handshake, once all of the request is here: by the library's own rules, and right. Acts begin behind
  // it.
  void open(const UpgradeRules& rules) {
    const std::optional<Opening> opening = open_websocket(text_of(unread_), rules);
    if (!opening) return;
    // Before the answer is recorded. By the tag the page finds its own connection among those of other tabs.
    tape_.tag(parameter(query_of(opening->request.target), "tag"));
    send(bytes_of(opening->response));
    // Refused: the answer has to arrive before TCP ends.
    if (!opening->accepted) return end_politely();
    // What is behind the request are frames.
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(opening->consumed));
    protocol_.emplace(Role::server);
    protocol_->handshake_completed();
  }

  // The protocol's own answers, and every message back to where it came from: each in a send of its own, and none in the
  // middle of an act. Once we have said goodbye, or done wrong, they would be out of place.
  void answer() {
    // next_event() takes from the front of `input`, and leaves the beginning of what is not complete.
    std::span<std::uint8_t> input(unread_);
    while (const Event* event = protocol_->next_event(input)) {
      Bytes out;
      protocol_->respond(*event, out);
      if (event->type == EventType::message) protocol_->send_message({event->opcode, event->payload}, out);
      // Behind the steps that wait: in the middle of half a frame it would be taken for the other half.
      if (!steps_.empty())
        steps_.push_back({Milliseconds(0), std::move(out), false});
      else if (!have_closed() && !have_done_wrong())
        send(out);
      // Either is the last event that the protocol will ever have.
      said_goodbye_ = said_goodbye_ || event->type == EventType::close || event->type == EventType::failed;
    }
    unread_.erase(unread_.begin(), unread_.end() - static_cast<std::ptrdiff_t>(input.size()));
    // A browser that complains of us ends TCP itself, and does not wait for an answer.
    if (said_goodbye_ && !have_done_wrong()) end_politely();
  }

  // An act may have sent a Close, of which the protocol does not know: its own would be a second one (5.5.1).
  bool have_closed() const { return tape_.conversation().has_closed(Role::server); }
  bool have_done_wrong() const { return tape_.conversation().has_broken_a_rule(Role::server); }

  // ---- What we say ----

  // Recorded first: then it stands before whatever the browser says to it. One send is one piece, although the socket
  // may take it in several. Waiting here holds up this connection and nobody else.
  void send(ByteView bytes) {
    // A step that only resets; an event that asks for no answer.
    if (bytes.empty()) return;
    tape_.pass(Role::server, "send", bytes);
    if (!socket_.send_all(bytes, deadline_after(kPatience)))
      throw std::system_error(std::make_error_code(std::errc::timed_out));
  }

  // 7.1.1: the server ends TCP first, and waits for the client to follow. To close at once, with bytes unread, would be
  // a reset, and could take our last frame with it. Simplification: a client that does not follow within kPatience is
  // recorded as if it had.
  void end_politely() {
    socket_.shut_down_sending();
    tape_.end(Role::server, false);
    socket_.discard_until_end(scratch_, deadline_after(kPatience));
    tape_.end(Role::client, false);
    ended_ = true;
  }

  // The other end has gone, or is to be left without a word. With `reset`, after reset_on_close(): close() sends it.
  void end(bool reset) {
    tape_.end(Role::server, reset);
    socket_.close();
    ended_ = true;
  }

  Socket socket_;
  Tape tape_;
  Bytes scratch_ = Bytes(64 * 1024);
  Bytes unread_;
  std::optional<Protocol> protocol_;  // after the handshake
  std::deque<Step> steps_;
  Deadline due_ = kNever;      // of the first of them
  bool said_goodbye_ = false;  // a Close has come
  bool ended_ = false;
};

// Port 0: the page is told which one it became, so it need not be a fixed one.
Specimens::Specimens(Recorder& recorder, UpgradeRules rules)
    : recorder_(recorder), rules_(std::move(rules)), listener_(listen_on("127.0.0.1", 0)) {}

// On a thread of its own, for ever.
void Specimens::serve() {
  for (;;) {
    try {
      serve_one();
    } catch (const std::exception& error) {
      // No descriptor, no thread or no memory is left for one more. Whoever leaves gives some back.
      std::fprintf(stderr, "glass: %s\n", error.what());
      threads_.wait_for_an_end(deadline_after(kRetry));
    }
  }
}

void Specimens::serve_one() {
  pollfd ready{listener_.descriptor(), POLLIN, 0};
  wait_for({&ready, 1}, kNever);
  // Nothing: the client that woke us has left again. One too many is closed as `client` goes out of scope, without a
  // word.
  std::optional<Socket> client = accept_from(listener_);
  if (!client || threads_.size() >= kMaxSpecimens) return;
  // A std::function can be copied, and a Socket cannot.
  auto shared = std::make_shared<Socket>(std::move(*client));
  threads_.start([this, shared] { converse(std::move(*shared)); });
}

// A connection's thread, from end to end. Between enter() and leave() the page can wish for something.
void Specimens::converse(Socket socket) try {
  Specimen specimen(std::move(socket), recorder_);
  const std::shared_ptr<Wishes> wishes = enter(specimen.connection());
  try {
    specimen.run(rules_, *wishes);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "glass: %s\n", error.what());  // and it leaves all the same
  }
  leave(specimen.connection());
} catch (const std::exception& error) {
  // It was gone before we could ask who it is, or there is no memory. A thread's work may not throw.
  std::fprintf(stderr, "glass: %s\n", error.what());
}

// Shared with perform(), which may still hold it when the connection leaves.
std::shared_ptr<Specimens::Wishes> Specimens::enter(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  return wishes_[connection] = std::make_shared<Wishes>();
}

void Specimens::leave(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  wishes_.erase(connection);
}

// On the watcher's thread. It takes the lock of all connections only to find one, and never waits for what that one is
// doing. True may be too much: a connection that ends just now drops the steps.
bool Specimens::perform(std::uint64_t connection, const std::vector<Step>& steps) {
  std::shared_ptr<Wishes> wishes;
  {
    const std::lock_guard lock(mutex_);
    const auto found = wishes_.find(connection);
    if (found == wishes_.end()) return false;
    wishes = found->second;
  }
  const std::lock_guard lock(wishes->mutex);
  wishes->steps.insert(wishes->steps.end(), steps.begin(), steps.end());
  wishes->wake.wake();
  return true;
}
