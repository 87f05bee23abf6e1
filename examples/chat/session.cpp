// The same bargain that the page has with the room, see room.h: a key keeps the name, an epoch and a number tell what
// was missed. And the same herd of members that all come back to a server that has just started, so the same cure: each
// waits for 1, 2, 4 ... 30 seconds, times something between a half and one and a half.
#include "session.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

#include <websock/framing/entropy.h>
#include <websock/handshake/base64.h>

namespace {

constexpr std::size_t kNoLimit = 100'000;  // more than any server keeps

// Who knows the key can take the name, so it is 128 bits that nobody guesses. One a session: another start of the
// client is somebody else.
std::string make_key() {
  std::array<std::uint8_t, 16> bytes{};
  websock::fill_random(bytes);
  return websock::base64_encode(bytes);
}

// `dice` needs no lock: only the thread in run() calls this. After a thousand failures ldexp gives infinity, and min()
// makes 30 of it.
double seconds_to_wait(int failures) {
  static std::minstd_rand dice{std::random_device{}()};
  return std::min(30.0, std::ldexp(1.0, failures)) * std::uniform_real_distribution(0.5, 1.5)(dice);
}

}  // namespace

Session::Session(std::string url, std::string name, Screen& screen, std::vector<websock::SupportedExtension> extensions)
    : url_(std::move(url)),
      key_(make_key()),
      extensions_(std::move(extensions)),
      screen_(screen),
      name_(std::move(name)) {}

// ---- Coming in ----

bool Session::come_in() {
  // close_timeout: so long somebody who leaves waits for a server that does not answer.
  const websock::ClientOptions options = {.connect_timeout = websock::Milliseconds(5'000),
                                          .extensions = extensions_,
                                          .stop = &stop_,
                                          .limits = {.close_timeout = websock::Milliseconds(1'000)}};
  auto client = std::make_shared<websock::WebSocketClient>(url_, options);
  {
    const std::lock_guard lock(mutex_);
    client_.swap(client);  // the former one ends below, without the lock
  }
  client.reset();
  // leave() may have come while this was connecting, and have closed the former connection. After the swap it closes
  // this one.
  if (is_leaving()) return false;
  JsonObject request = {{"type", "join"}, {"name", name_}, {"key", key_}};
  // Not the first time: so the history begins where ours ends.
  if (!epoch_.empty()) {
    request.push_back({"epoch", epoch_});
    request.push_back({"after", seen_});
  }
  send(request);
  // An error ends it, such as a name that is taken; but for one that names a time to wait. "away" does not: the room
  // says "back" when it is worth asking again.
  while (const std::optional<Json> answer = receive()) {
    const std::string& type = (*answer)["type"].text();
    show_message(*answer);
    if (type == "welcome") return true;
    if (type == "error" && (*answer)["wait"].is_null()) return false;
    if (type == "error" && !wait((*answer)["wait"].number())) return false;
    if (type == "error" || type == "back") send(request);
  }
  throw std::runtime_error("the server closed the connection");
}

// The order counts: what has come back is ticked off before the rest is called doubtful, and only then may say() add to
// it.
void Session::take_welcome(const Json& message) {
  name_ = message["you"].text();  // as the room has it: without the spaces around it, or as it was before
  const bool came_back = epoch_ == message["epoch"].text();
  if (!epoch_.empty() && !came_back) screen_.tell("info", "The server has started anew.");
  epoch_ = message["epoch"].text();
  Style style = screen_.style(name_);
  // Who comes back is shown all that was missed, however much that is.
  if (came_back) style.most_of_past = kNoLimit;
  screen_.print(show(message, style));
  // A line of ours that was said just before the loss has come back after all.
  for (const Json& past : message["history"].array()) {
    if (past["from"].text() == name_) confirm(past["text"].text());
  }
  seen_ = message["seq"].number();
  members_.clear();
  for (const Json& member : message["members"].array()) members_.insert(member.text());
  show_names();
  return_unanswered();
  const std::lock_guard lock(mutex_);
  joined_ = true;
}

// ---- Staying ----

void Session::run(bool comes_back) {
  for (int failures = 0;;) {
    receive_all();
    // 1000: the room has said goodbye, or we came in from elsewhere. To come back would start a war over the name.
    if (is_leaving() || client_->close_info().code == websock::CloseCode::normal_closure) return;
    lost_ = true;
    if (!comes_back) return;
    screen_.prompt("(no connection) > ");
    for (bool is_in = false; !is_in;) {
      const double seconds = seconds_to_wait(failures++);
      const std::string next = "ext try in " + std::to_string(std::lround(std::ceil(seconds))) + " s";
      // A line for the first, and the prompt for the others: a long outage must not push what was said off the screen.
      if (failures == 1)
        screen_.tell("info", "The connection is lost. N" + next + ", or at Enter; what you type is kept.");
      if (failures > 1) screen_.prompt("(no connection, n" + next + ") > ");
      try {
        lost_ = wait(seconds);  // else somebody left, and that is no loss
        if (!lost_) return;
        is_in = come_in();
        lost_ = !is_leaving();
        if (!is_in) return;
      } catch (const std::exception&) {
        // It is said above, and what exactly is wrong this time helps nobody.
        lost_ = !is_leaving();
        if (!lost_) return;
      }
    }
    // Only after a welcome: a server that accepts and then hangs up counts as a failure, too.
    failures = 0;
    lost_ = false;
    screen_.prompt("> ");
  }
}

// From its end on, say() refuses: what is typed stays with its author, and is not counted among the doubtful.
void Session::receive_all() {
  while (const std::optional<Json> message = receive()) show_message(*message);
  const std::lock_guard lock(mutex_);
  joined_ = false;
}

// The next message that makes sense; nothing when the connection has ended.
std::optional<Json> Session::receive() {
  while (const std::optional<websock::OwnedMessage> message = client_->receive()) {
    try {
      return parse_json(message->text());
    } catch (const JsonError& error) {
      screen_.tell("error", std::string("The server sent something strange: ") + error.what() + ".");
    }
  }
  return std::nullopt;
}

// Whatever is wrong with one message must not cost the others.
void Session::show_message(const Json& message) {
  try {
    if (message["type"].text() == "welcome") return take_welcome(message);
    screen_.print(show(message, screen_.style(name_)));
    take_note(message);
  } catch (const JsonError& error) {
    screen_.tell("error", std::string("The server sent something strange: ") + error.what() + ".");
  }
}

// What a message means to us, beside being shown.
void Session::take_note(const Json& message) {
  const std::string& type = message["type"].text();
  if (!message["seq"].is_null()) seen_ = message["seq"].number();
  if (type == "joined") members_.insert(message["name"].text());
  if (type == "left") members_.erase(message["name"].text());
  if (type == "renamed") {
    members_.erase(message["from"].text());
    members_.insert(message["name"].text());
    if (message["from"].text() == name_) name_ = message["name"].text();
  }
  if (type == "joined" || type == "left" || type == "renamed") show_names();
  if (type == "away") screen_.tell("info", "The room cannot be reached. It will be back.");
  if (type == "back") screen_.tell("info", "The room is back.");
  // What answers, answers in order. Simplification: another member's new name ticks off a line of ours, too. A careful
  // client would number its lines, and the server would name the number.
  if (type == "info" || type == "error" || type == "renamed") return confirm("");
  if (!message["from"].is_null() && message["from"].text() == name_) confirm(message["text"].text());
}

// For Tab. Without our own: one does not speak to oneself.
void Session::show_names() {
  std::set<std::string> others = members_;
  others.erase(name_);
  screen_.complete_with({others.begin(), others.end()});
}

// ---- What was said ----

bool Session::say(const std::string& line) {
  websock::Client connection;
  {
    const std::lock_guard lock(mutex_);
    if (!joined_) return false;
    // Before it is sent: its answer may be here before send() has returned.
    unanswered_.push_back(line);
    connection = client_->connection();
  }
  // Without the lock: a client's send may wait for a server that does not read, and leave() must not wait with it.
  if (connection->send(to_string(Json(JsonObject{{"type", "say"}, {"text", line}})))) return true;
  // It did not leave, and is given back to whoever typed it: not to be told of a second time, as what may be lost. From
  // the back: the same words may have been said before.
  const std::lock_guard lock(mutex_);
  const auto last = std::find(unanswered_.rbegin(), unanswered_.rend(), line);
  if (last != unanswered_.rend()) unanswered_.erase(std::next(last).base());
  return false;
}

// One of our own lines has come back: it ends as the message does ("/me waves" comes back as "waves"). Anything ends
// with "", so that takes the oldest.
void Session::confirm(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(unanswered_.begin(), unanswered_.end(),
                                  [&](const std::string& line) { return line.ends_with(text); });
  if (found != unanswered_.end()) unanswered_.erase(found);
}

// To say it again could say it twice, so that is left to its author. Printed without the lock, which say() needs.
void Session::return_unanswered() {
  std::deque<std::string> lines;
  {
    const std::lock_guard lock(mutex_);
    lines.swap(unanswered_);
  }
  for (const std::string& line : lines) screen_.tell("error", "Perhaps not delivered: " + line);
  if (!lines.empty()) screen_.tell("info", "The arrow up brings a line back.");
}

// ---- Leaving ----

// From the thread of the keys. It does not wait: it wakes whatever the other thread waits for.
void Session::leave() {
  const std::lock_guard lock(mutex_);
  leaving_ = true;
  changed_.notify_all();
  stop_.stop();  // if it is just connecting: behind leaving_, so that run() knows why that ended
  if (client_) client_->connection()->close();  // ends receive(): the server answers, or a timeout does
}

bool Session::is_leaving() {
  const std::lock_guard lock(mutex_);
  return leaving_;
}

// For somebody who does not want to wait: the pauses are for programs, a thousand of which come back at once.
void Session::hurry() {
  const std::lock_guard lock(mutex_);
  hurried_ = true;
  changed_.notify_all();
}

// False: somebody wants to leave before the time is over.
bool Session::wait(double seconds) {
  std::unique_lock lock(mutex_);
  hurried_ = false;  // who was in a hurry before had no pause to end
  changed_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return leaving_ || hurried_; });
  return !leaving_;
}

// No lock: client_ changes on this thread only, and under the lock for the sake of the others, which read it. That it
// could not be sent, receive() will say.
void Session::send(const Json& message) { client_->send(to_string(message)); }
