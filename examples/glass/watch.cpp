// Who waits for whom. Whoever records sets a flag, and never waits for a watcher:
//
//     recording threads  >  news_mutex_: a flag  >  the telling thread  >  mutex_: the watchers  >  client->send()
//     pages' own threads:  enter, leave, receive  >  mutex_, and when that is free again, news_mutex_: a flag
//
// client->send() does not wait either: it queues. So a page that does not read would fill its outbox, up to max_outbox,
// and be cut off. Before that happens it gets no more until it says that it has seen what it got. That also covers a
// page that reads quickly and draws slowly.
#include "watch.h"

#include "common/typed_bytes.h"

using namespace websock;

namespace {

constexpr std::size_t kAtOnce = 64;  // items in one message

// A page's number. JSON has doubles only, and 9e15 is below 2^53: so far each whole number is one. Negated as a whole,
// for NaN; a cast of what does not fit would be undefined.
std::uint64_t whole_number(const Json& value) {
  const double number = value.number();
  if (!(number >= 0 && number < 9e15)) throw JsonError("not a whole number");
  return static_cast<std::uint64_t>(number);
}

}  // namespace

// The thread last: it uses all the members at once. Nothing is recorded yet, so on_change may still be set.
Watchers::Watchers(Recorder& recorder, Specimens* specimens, Json hello, const Ahead& ahead)
    : recorder_(recorder), specimens_(specimens), hello_(to_string(Json(JsonArray{std::move(hello)}))), ahead_(ahead) {
  recorder_.on_change([this] { wake(); });
  thread_ = std::thread([this] { run(); });
}

Watchers::~Watchers() { stop(); }

// A second call finds nothing to do. When it returns nobody sends items any more.
void Watchers::stop() {
  {
    const std::lock_guard lock(news_mutex_);
    stopping_ = true;
  }
  // Behind the lock, so that who wakes does not have to wait for it.
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// By whoever records, or has room again. It takes the mutex that nobody holds for long, not that of the watchers: who
// records never waits for who is told. To wake a thread costs more than to relay a frame: so not again before it has
// looked, and not for nobody.
void Watchers::wake() {
  {
    const std::lock_guard lock(news_mutex_);
    if (news_ || !watched_) return;
    news_ = true;
  }
  changed_.notify_one();
}

// ---- Telling ----

// The telling thread. Each round every watcher gets one message at most: a newcomer with a long history ahead of it
// does not hold up the others.
void Watchers::run() {
  for (bool more = false;;) {
    {
      std::unique_lock lock(news_mutex_);
      // `more`: somebody could take more at once, so there is nothing to wait for.
      changed_.wait(lock, [&] { return more || news_ || stopping_; });
      if (stopping_) return;
      // Before telling: what is recorded meanwhile is news for the next round.
      news_ = false;
    }
    const std::lock_guard lock(mutex_);
    more = false;
    // | and not ||: everybody is told.
    for (auto& [client, watcher] : watchers_) more |= tell(client, watcher);
  }
}

// Sends one message of items. Whether there may be more to tell at once. On the telling thread, with mutex_ held. A
// page that is too far behind is left alone: its note_seen() wakes us again.
bool Watchers::tell(const Client& client, Watcher& watcher) {
  if (watcher.sent - watcher.seen >= ahead_.items || watcher.unseen_bytes >= ahead_.bytes) return false;
  // Above 0, as was just asked. It may be passed by two: an entry brings its introduction and its gap along.
  const std::size_t room = static_cast<std::size_t>(ahead_.items - (watcher.sent - watcher.seen));
  JsonArray all;
  for (const Item& item : recorder_.next(watcher.cursor, std::min(room, kAtOnce))) {
    // Whether it is the page's own connection decides on words such as "browser". An entry does not say it, and its
    // introduction always came before.
    if (const Introduction* made = std::get_if<Introduction>(&item)) watcher.own[made->connection] = made->own;
    const std::shared_ptr<const Entry>* entry = std::get_if<std::shared_ptr<const Entry>>(&item);
    const Json objects = json_of(item, entry != nullptr && watcher.own[(*entry)->connection]);
    ++watcher.sent;
    for (const Json& object : objects.array()) all.push_back(object);
  }
  if (all.empty()) return false;
  // Last in the message: what the page says back when it has taken all of it.
  all.push_back(JsonObject{{"e", "sent"}, {"i", watcher.sent}});
  const std::string text = to_string(Json(std::move(all)));
  watcher.unseen[watcher.sent] = text.size();
  watcher.unseen_bytes += text.size();
  // The result is ignored: a connection that is over will have its leave().
  client->send(text);
  return true;
}

// On the client's thread. The greeting goes before it is a watcher: from then on the telling thread may send first.
void Watchers::enter(const Client& client) {
  client->send(hello_);
  {
    const std::lock_guard lock(mutex_);
    watchers_[client];  // a cursor at 0: all that is kept is news to it
    const std::lock_guard news_lock(news_mutex_);
    watched_ = true;
  }
  wake();
}

// On the client's thread. Waits while a round is told; afterwards nothing is sent to it.
void Watchers::leave(const Client& client) {
  const std::lock_guard lock(mutex_);
  watchers_.erase(client);
  const std::lock_guard news_lock(news_mutex_);
  watched_ = !watchers_.empty();
}

// ---- What pages say ----

// On the client's thread, one message at a time. It has shown the token, so it is our page, or somebody who plays with
// it: what is no wish ends the connection, and no other.
void Watchers::receive(const Client& client, std::string_view text) {
  try {
    const Json wish = parse_json(text);
    if (wish["e"].text() == "seen")
      note_seen(client, whole_number(wish["i"]));
    else
      obey(client, wish);
  } catch (const JsonError&) {
    client->close(CloseCode::policy_violation, "what glass does not understand");
  }
}

// "I have seen all up to this." Never backwards, and never beyond what was sent: `sent - seen` would be a huge number
// then, and this page would get nothing more.
void Watchers::note_seen(const Client& client, std::uint64_t item) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(client);
    if (found == watchers_.end()) return;
    Watcher& watcher = found->second;
    watcher.seen = std::min(std::max(watcher.seen, item), watcher.sent);
    // By the last item of each message: one that is seen only in part still counts.
    while (!watcher.unseen.empty() && watcher.unseen.begin()->first <= watcher.seen) {
      watcher.unseen_bytes -= watcher.unseen.begin()->second;
      watcher.unseen.erase(watcher.unseen.begin());
    }
  }
  wake();
}

// An act by its name, or bytes as typed; "c" says on which connection. Bytes are not judged: to send nonsense is what
// this is for. What cannot be done is answered with a sentence, and the page goes on.
void Watchers::obey(const Client& client, const Json& wish) {
  const auto connection = whole_number(wish["c"]);
  const auto answer = [&](std::string_view say) {
    client->send(to_string(Json(JsonArray{JsonObject{{"e", "refused"}, {"say", say}}})));
  };
  std::vector<Step> steps;
  if (wish["e"].text() == "act") {
    const Act* act = find_act(wish["id"].text());
    if (act == nullptr) return answer("There is no such act.");
    steps = act->steps;
  } else {
    const std::optional<std::string> typed = parse_bytes(wish["typed"].text());
    if (!typed || typed->empty())
      return answer("Type pairs of hex digits, and \u201ctext\u201d in straight quotation marks.");
    // 0 and false: at once, and without a reset behind it.
    steps.push_back({Milliseconds(0), Bytes(typed->begin(), typed->end()), false});
  }
  // Null in tests that have no specimens.
  if (specimens_ == nullptr || !specimens_->perform(connection, steps))
    answer("This connection has ended. Open a new one.");
}
