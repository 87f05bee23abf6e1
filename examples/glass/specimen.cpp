// One thread for each connection, in poll(2): for bytes, for a wish, or until the next step is due.
//
//     page's thread        perform()  >  Wishes (a mutex, a pipe)  >  take_wishes()     this connection's thread
//     browser              bytes      >  socket                    >  receive()
//
// The Protocol here knows nothing of the acts: their bytes go round it. So its state is not the connection's. Whether a
// Close was sent, or a rule broken, the tape is asked, which reads what was really sent.
//
// Each wait has an end but one: an open connection may be silent for as long as its reader likes to think. Whoever has
// not come that far holds a place that another may need, and goes when its time is up, or earlier if all are taken.
#include "specimen.h"

#include <algorithm>
#include <array>
#include <utility>

using namespace websock;

namespace {

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

// The socket first: the tape asks it who the peer is. Nobody knows a connection before it has the tape's number.
Specimen::Specimen(Socket socket, Recorder& recorder, const UpgradeRules& rules, const SpecimenLimits& limits,
                   Wishes& wishes)
    : socket_(std::move(socket)),
      tape_(recorder, true, socket_.peer_address(), ""),
      rules_(rules),
      limits_(limits),
      wishes_(wishes),
      time_limit_(deadline_after(limits.handshake)) {}

// The whole life of the connection. An error of the socket is a browser that has gone, or one that read nothing in
// time: then it is we who go. Any other exception ends up in Specimens::converse().
void Specimen::run() {
  try {
    while (!ended_) wait_and_act();
  } catch (const std::system_error& error) {
    if (is_disconnect(error)) return tape_.end(Role::client, true);
    reset();
  }
}

// A wish first, so that a step without a pause is taken in the same round; then the step that is due; then what came
// in; the time limit last, since what has come in this round was in time. Any of them may end the connection.
void Specimen::wait_and_act() {
  std::array<pollfd, 2> ready = {{{socket_.descriptor(), POLLIN, 0}, {wishes_.wake.descriptor(), POLLIN, 0}}};
  wait_for(ready, waiting_.empty() ? time_limit_ : std::min(time_limit_, due_));
  if (ready[1].revents != 0) take_wishes();
  if (!ended_ && !waiting_.empty() && time_left(due_) == Milliseconds(0)) take_step();
  // Not POLLIN alone: of a reset poll(2) tells as an error, and receive() finds out what it was.
  if (!ended_ && ready[0].revents != 0) receive();
  if (!ended_ && time_left(time_limit_) == Milliseconds(0)) reset();
}

// ---- What the page wants ----

// Puts the steps of new acts behind those that are under way: two acts never mix.
void Specimen::take_wishes() {
  // Before we look, not after: a wish that came in between would have its byte taken out of the pipe, and wait.
  wishes_.wake.clear();
  std::unique_lock lock(wishes_.mutex);
  std::vector<Step> steps = std::exchange(wishes_.steps, {});
  // It may have opened since it was chosen: then somebody uses it, and it stays.
  const bool must_go = wishes_.must_go && !wishes_.is_open;
  lock.unlock();
  if (must_go) return reset();
  for (Step& step : steps) enqueue({std::move(step), false});
}

// A pause begins where the step before it ends: for the first, now.
void Specimen::enqueue(Waiting next) {
  if (waiting_.empty()) due_ = deadline_after(next.step.pause);
  waiting_.push_back(std::move(next));
}

// Sends a step's bytes as they are, through no stage. Before the handshake, and after the browser's goodbye, they are
// left out: there is nobody to learn from them. After our own wrongs an act goes on: one may do several. An answer
// does not, nor behind our own Close: it would be out of place.
void Specimen::take_step() {
  const Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  if (!waiting_.empty()) due_ = deadline_after(waiting_.front().step.pause);
  const bool is_late = said_goodbye_ || (next.is_answer && (have_closed() || have_done_wrong()));
  if (protocol_ && !is_late) send(next.step.bytes);
  if (next.step.drops_tcp) reset();
}

// ---- What the browser says ----

// REQUIRES: poll(2) has said that there is something. So nothing (value_or) and 0 are both the end.
void Specimen::receive() {
  const std::size_t count = socket_.receive(scratch_, Milliseconds(0)).value_or(0);
  if (count == 0) {
    tape_.end(Role::client, false);
    // The browser ends TCP first where we did wrong, or its page is left; else it follows us.
    return we_ended_ ? close() : end(false);
  }
  // Behind our end there is no answer to anything: what comes is forgotten.
  if (we_ended_) return;
  const std::span<std::uint8_t> bytes(scratch_.data(), count);
  // Recorded before it is answered, so that the page sees them in that order; and as it came: answer() unmasks in
  // place.
  tape_.pass(Role::client, "recv", bytes);
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  if (!protocol_) open();
  // Not "else": a client may send a frame right behind its request.
  if (protocol_) answer();
}

// The opening handshake, once all of the request is here: by the library's own rules, and right. Acts begin behind
// it.
void Specimen::open() {
  const std::optional<Opening> opening = open_websocket(text_of(unread_), rules_);
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
  time_limit_ = kNever;
  const std::lock_guard lock(wishes_.mutex);
  wishes_.is_open = true;
}

// The protocol's own answers, and every message back to where it came from: each in a send of its own, and none in
// the middle of an act, where it would be taken for the other half of a frame.
void Specimen::answer() {
  // next_event() takes from the front of `input`, and leaves the beginning of what is not complete.
  std::span<std::uint8_t> input(unread_);
  while (const Event* event = ended_ ? nullptr : protocol_->next_event(input)) {
    Bytes out;
    protocol_->respond(*event, out);
    if (event->type == EventType::message) protocol_->send_message({event->opcode, event->payload}, out);
    const bool act_under_way = !waiting_.empty();
    enqueue({{Milliseconds(0), std::move(out), false}, true});
    if (!act_under_way) take_step();
    // Either is the last event that the protocol will ever have.
    if (event->type == EventType::close || event->type == EventType::failed) hear_goodbye();
  }
  unread_.erase(unread_.begin(), unread_.end() - static_cast<std::ptrdiff_t>(input.size()));
}

// The browser sends no more, and waits for our Close, which may stand behind an act (5.5.1 lets it wait for a message
// that is half sent). So what waits is sent now, without its pauses. Where we have closed or done wrong there is no
// Close of ours to come, and nothing is sent.
void Specimen::hear_goodbye() {
  while (!have_closed() && !have_done_wrong() && !waiting_.empty()) take_step();
  said_goodbye_ = true;
  if (ended_) return;
  // A browser that complains of us ends TCP itself, and does not wait for an answer.
  if (have_done_wrong())
    time_limit_ = deadline_after(limits_.patience);
  else
    end_politely();
}

// ---- What we say ----

// Recorded first: then it stands before whatever the browser says to it. One send is one piece, although the socket
// may take it in several. Waiting here holds up this connection and nobody else.
void Specimen::send(ByteView bytes) {
  // A step that only resets; an event that asks for no answer.
  if (bytes.empty()) return;
  tape_.pass(Role::server, "send", bytes);
  if (!socket_.send_all(bytes, deadline_after(limits_.patience)))
    throw std::system_error(std::make_error_code(std::errc::timed_out));
}

// 7.1.1: the server ends TCP first, and waits for the client to follow, as wait_and_act() goes on to do. To close at
// once, with bytes unread, would be a reset, and could take our last frame with it.
void Specimen::end_politely() {
  socket_.shut_down_sending();
  tape_.end(Role::server, false);
  we_ended_ = true;
  waiting_.clear();
  time_limit_ = deadline_after(limits_.patience);
}

// In the middle of things, and so that both ends know: what comes from here on finds no connection.
void Specimen::reset() {
  socket_.reset_on_close();
  end(true);
}

void Specimen::end(bool reset) {
  tape_.end(Role::server, reset);
  close();
}

void Specimen::close() {
  socket_.close();
  ended_ = true;
}
