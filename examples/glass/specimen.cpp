// One thread for each connection, in poll(2): for bytes, for a wish, or until the next step is due.
#include "specimen.h"

#include <array>
#include <deque>
#include <utility>

#include <websock/protocol/protocol.h>

#include "tape.h"

using namespace websock;

namespace {

constexpr std::size_t kMaxSpecimens = 64;
constexpr Milliseconds kPatience(10'000);  // with a browser that does not read

// The value of one parameter of a query, as it stands there.
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
  Specimen(Socket socket, Recorder& recorder)
      : socket_(std::move(socket)), tape_(recorder, true, socket_.peer_address(), "") {}

  std::uint64_t connection() const { return tape_.connection(); }

  void run(const UpgradeRules& rules, Specimens::Wishes& wishes) {
    try {
      while (!ended_) wait_and_act(rules, wishes);
    } catch (const std::system_error&) {
      tape_.end(Role::client, true);
    }
  }

 private:
  void wait_and_act(const UpgradeRules& rules, Specimens::Wishes& wishes) {
    std::array<pollfd, 2> ready = {{{socket_.descriptor(), POLLIN, 0}, {wishes.wake.descriptor(), POLLIN, 0}}};
    wait_for(ready, steps_.empty() ? kNever : due_);
    if (ready[1].revents != 0) take_wishes(wishes);
    if (!steps_.empty() && time_left(due_) == Milliseconds(0)) take_step();
    if (!ended_ && ready[0].revents != 0) receive(rules);
  }

  // ---- What the page wants ----

  void take_wishes(Specimens::Wishes& wishes) {
    wishes.wake.clear();
    const std::lock_guard lock(wishes.mutex);
    if (steps_.empty() && !wishes.steps.empty()) due_ = deadline_after(wishes.steps.front().pause);
    for (Step& step : std::exchange(wishes.steps, {})) steps_.push_back(std::move(step));
  }

  void take_step() {
    const Step step = std::move(steps_.front());
    steps_.pop_front();
    if (!steps_.empty()) due_ = deadline_after(steps_.front().pause);
    if (protocol_ && !said_goodbye_) send(step.bytes);
    if (step.drops_tcp) {
      socket_.reset_on_close();
      end(true);
    }
  }

  // ---- What the browser says ----

  void receive(const UpgradeRules& rules) {
    const std::size_t count = socket_.receive(scratch_, Milliseconds(0)).value_or(0);
    if (count == 0) {
      tape_.end(Role::client, false);
      return end(false);
    }
    const std::span<std::uint8_t> bytes(scratch_.data(), count);
    tape_.pass(Role::client, "recv", bytes);
    unread_.insert(unread_.end(), bytes.begin(), bytes.end());
    if (!protocol_) open(rules);
    if (protocol_) answer();
  }

  void open(const UpgradeRules& rules) {
    const std::optional<Opening> opening = open_websocket(text_of(unread_), rules);
    if (!opening) return;
    tape_.tag(parameter(query_of(opening->request.target), "tag"));
    send(bytes_of(opening->response));
    if (!opening->accepted) return end_politely();
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(opening->consumed));
    protocol_.emplace(Role::server);
    protocol_->handshake_completed();
  }

  // The protocol's own answers, and every message back to where it came from: each in a send of its own, and none in the
  // middle of an act. Once we have said goodbye, or done wrong, they would be out of place.
  void answer() {
    std::span<std::uint8_t> input(unread_);
    while (const Event* event = protocol_->next_event(input)) {
      Bytes out;
      protocol_->respond(*event, out);
      if (event->type == EventType::message) protocol_->send_message({event->opcode, event->payload}, out);
      if (!steps_.empty())
        steps_.push_back({Milliseconds(0), std::move(out), false});
      else if (!have_closed() && !have_done_wrong())
        send(out);
      said_goodbye_ = said_goodbye_ || event->type == EventType::close || event->type == EventType::failed;
    }
    unread_.erase(unread_.begin(), unread_.end() - static_cast<std::ptrdiff_t>(input.size()));
    // A browser that complains of us ends TCP itself, and does not wait for an answer.
    if (said_goodbye_ && !have_done_wrong()) end_politely();
  }

  bool have_closed() const { return tape_.conversation().has_closed(Role::server); }
  bool have_done_wrong() const { return tape_.conversation().has_broken_a_rule(Role::server); }

  // ---- What we say ----

  void send(ByteView bytes) {
    if (bytes.empty()) return;
    tape_.pass(Role::server, "send", bytes);
    if (!socket_.send_all(bytes, deadline_after(kPatience)))
      throw std::system_error(std::make_error_code(std::errc::timed_out));
  }

  // 7.1.1: the server ends TCP first, and waits for the client to follow.
  void end_politely() {
    socket_.shut_down_sending();
    tape_.end(Role::server, false);
    socket_.discard_until_end(scratch_, deadline_after(kPatience));
    tape_.end(Role::client, false);
    ended_ = true;
  }

  // The other end has gone, or is to be left without a word.
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

Specimens::Specimens(Recorder& recorder, UpgradeRules rules)
    : recorder_(recorder), rules_(std::move(rules)), listener_(listen_on("127.0.0.1", 0)) {}

void Specimens::serve() {
  for (;;) {
    pollfd ready{listener_.descriptor(), POLLIN, 0};
    wait_for({&ready, 1}, kNever);
    std::optional<Socket> client = accept_from(listener_);
    if (!client || threads_.size() >= kMaxSpecimens) continue;
    auto shared = std::make_shared<Socket>(std::move(*client));
    threads_.start([this, shared] { converse(std::move(*shared)); });
  }
}

void Specimens::converse(Socket socket) {
  Specimen specimen(std::move(socket), recorder_);
  const std::shared_ptr<Wishes> wishes = enter(specimen.connection());
  specimen.run(rules_, *wishes);
  leave(specimen.connection());
}

std::shared_ptr<Specimens::Wishes> Specimens::enter(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  return wishes_[connection] = std::make_shared<Wishes>();
}

void Specimens::leave(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  wishes_.erase(connection);
}

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
