#include "watch.h"

#include "common/typed_bytes.h"

using namespace websock;

namespace {

constexpr std::size_t kAtOnce = 64;  // items in one message

std::uint64_t whole_number(const Json& value) {
  const double number = value.number();
  if (!(number >= 0 && number < 9e15)) throw JsonError("not a whole number");
  return static_cast<std::uint64_t>(number);
}

}  // namespace

Watchers::Watchers(Recorder& recorder, Specimens* specimens, Json hello, const Ahead& ahead)
    : recorder_(recorder), specimens_(specimens), hello_(to_string(Json(JsonArray{std::move(hello)}))), ahead_(ahead) {
  recorder_.on_change([this] { wake(); });
  thread_ = std::thread([this] { run(); });
}

Watchers::~Watchers() { stop(); }

void Watchers::stop() {
  {
    const std::lock_guard lock(news_mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// By whoever records, or has room again. It takes the mutex that nobody holds for long, not that of the watchers: who
// records never waits for who is told.
void Watchers::wake() {
  {
    const std::lock_guard lock(news_mutex_);
    news_ = true;
  }
  changed_.notify_one();
}

// ---- Telling ----

void Watchers::run() {
  for (bool more = false;;) {
    {
      std::unique_lock lock(news_mutex_);
      changed_.wait(lock, [&] { return more || news_ || stopping_; });
      if (stopping_) return;
      news_ = false;
    }
    const std::lock_guard lock(mutex_);
    more = false;
    for (auto& [client, watcher] : watchers_) more |= tell(client, watcher);
  }
}

// Sends one message of items. Whether there may be more to tell at once.
bool Watchers::tell(const Client& client, Watcher& watcher) {
  if (watcher.sent - watcher.seen >= ahead_.items || watcher.unseen_bytes >= ahead_.bytes) return false;
  const std::size_t room = static_cast<std::size_t>(ahead_.items - (watcher.sent - watcher.seen));
  JsonArray all;
  for (const Item& item : recorder_.next(watcher.cursor, std::min(room, kAtOnce))) {
    if (const Introduction* made = std::get_if<Introduction>(&item)) watcher.own[made->connection] = made->own;
    const std::shared_ptr<const Entry>* entry = std::get_if<std::shared_ptr<const Entry>>(&item);
    const Json objects = json_of(item, entry != nullptr && watcher.own[(*entry)->connection]);
    ++watcher.sent;
    for (const Json& object : objects.array()) all.push_back(object);
  }
  if (all.empty()) return false;
  all.push_back(JsonObject{{"e", "sent"}, {"i", watcher.sent}});
  const std::string text = to_string(Json(std::move(all)));
  watcher.unseen[watcher.sent] = text.size();
  watcher.unseen_bytes += text.size();
  client->send(text);
  return true;
}

void Watchers::enter(const Client& client) {
  client->send(hello_);
  {
    const std::lock_guard lock(mutex_);
    watchers_[client];
  }
  wake();
}

void Watchers::leave(const Client& client) {
  const std::lock_guard lock(mutex_);
  watchers_.erase(client);
}

// ---- What pages say ----

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

void Watchers::note_seen(const Client& client, std::uint64_t item) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(client);
    if (found == watchers_.end()) return;
    Watcher& watcher = found->second;
    watcher.seen = std::min(std::max(watcher.seen, item), watcher.sent);
    while (!watcher.unseen.empty() && watcher.unseen.begin()->first <= watcher.seen) {
      watcher.unseen_bytes -= watcher.unseen.begin()->second;
      watcher.unseen.erase(watcher.unseen.begin());
    }
  }
  wake();
}

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
    steps.push_back({Milliseconds(0), Bytes(typed->begin(), typed->end()), false});
  }
  if (specimens_ == nullptr || !specimens_->perform(connection, steps))
    answer("This connection has ended. Open a new one.");
}
