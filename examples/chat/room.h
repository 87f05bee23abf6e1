// A chat room: commands in, messages out. It knows no socket and no clock; who connects a client says how to
// send to it.
//
// Both directions carry one JSON object a message. A client says:
//
//     {"type":"join","name":"Ada"}                    first of all
//     {"type":"join","name":"Ada","key":"5d3f","epoch":"9a1c","after":17}      when it comes back
//     {"type":"say","text":"Hello"}                   whatever was typed, see commands.h
//     {"type":"say","text":"Psst","to":"Bob"}         to one person, whatever the text begins with
//     {"type":"typing"}                               every few seconds, while somebody types
//     {"type":"ping"}                                 a page cannot send Pings, and wants to know, too
//
// and is told:
//
//     {"type":"welcome","room":"Chat","epoch":"9a1c","you":"Ada","bot":"Bot","members":["Bot","Ada"],
//      "seq":18,"missed":0,"history":[...]}           before anything else; history: messages, as below
//     {"type":"message","seq":18,"time":"2026-01-31T09:26:53Z","from":"Ada","text":"Hello"}
//     {"type":"action",...}                           the same for /me
//     {"type":"private","time":...,"from":"Ada","to":"Bob","text":"Psst"}
//     {"type":"joined","name":"Bob"}  {"type":"left","name":"Bob"}
//     {"type":"renamed","from":"Bob","name":"Rob"}
//     {"type":"typing","name":"Bob"}  {"type":"info","text":...}  {"type":"error","text":...} {"type":"pong"}
//     {"type":"error","text":...,"wait":10}           too many come in: join again after so many seconds
//     {"type":"away"}  {"type":"back"}                the room cannot be reached; it can again
//
// Messages and actions are numbered without a gap. A client that comes back names the last number that it has
// seen, and its history begins behind that; `missed` says how many more there were than are kept. The numbers count
// within one epoch, which ends when the room loses its memory: a single server's at each start, that of several when
// Redis has lost it. In a new epoch, a client shows what it gets and forgets what it had.
//
// The key, which the client makes up, is how a client that lost its connection gets its name back before the
// server has noticed the loss.
//
// While the room is away, what is said is refused with an error, and a client that has not been welcomed joins again
// when it hears `back`. A Close with 1012 asks the client to come back at once, be it to another server.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bot.h"
#include "commands.h"
#include "log.h"
#include "rate_limit.h"
#include "request.h"
#include "room_state.h"

// How many bytes a history of so many messages may have. Whoever asks for a longer one than usual accepts what it costs
// to hand it over; but all others wait meanwhile, so there is an end to that.
std::size_t max_history_bytes_for(std::size_t messages);

struct RoomOptions {
  std::string name = "Chat";
  std::string epoch = {};   // another one at each start
  std::string server = {};  // which one this is, where there are several: no spaces
  bool bot = true;
  std::size_t max_history = 100;                               // messages
  std::size_t max_history_bytes = max_history_bytes_for(100);  // of them all, as they are sent
  std::size_t max_members = 500;
  std::function<std::chrono::steady_clock::time_point()> clock = std::chrono::steady_clock::now;
  std::function<std::chrono::system_clock::time_point()> time = std::chrono::system_clock::now;
  std::function<Request(std::string_view)> read = parse_request;  // called without the room's lock
};

// How to reach a client. Both are called while the room is locked, and so must not wait.
struct Line {
  std::function<void(std::string_view text)> send;
  std::function<void(bool come_back)> close;  // come_back: with 1012, else 1000
  std::string address = {};                   // where it comes from; empty: unknown, so no limit by address
};

// Any thread may call any member, but follow().
class Room {
 public:
  using Id = const void*;
  static constexpr const char* kBotName = "Bot";

  explicit Room(RoomOptions options);

  // For who connects clients.
  void connect(Id id, Line line);
  // What a client sent. Returns for how long nothing more is to be taken from it: 0, unless it sends too fast.
  std::chrono::nanoseconds receive(Id id, std::string_view text);
  void disconnect(Id id);

  // For a log that is not in this process. follow() comes first, and before any client.
  void follow(Log log) { log_ = std::move(log); }
  void apply(const Entry& entry);           // in order, one at a time
  void start_anew(const RoomState& state);  // nothing in between can be made up for: all clients are sent to come back
  void hear(std::string_view words);        // what another server whispered
  void set_away(bool away);                 // whether the log can be reached
  void reap(const std::set<std::string>& dead_servers);  // members who are gone, with nobody else to say so
  std::set<std::string> servers() const;                 // those that the members are at
  RoomState empty_state(std::string epoch) const {
    return {std::move(epoch), options_.max_history, options_.max_history_bytes};
  }
  std::uint64_t oldest_kept() const;  // number of a message

  // For a server that is about to end. While it drains, a member whose connection ends is expected back at another
  // server, and has not left; at the end, those of them who have not come back have.
  void set_draining(bool draining);
  bool is_draining() const;
  void end_drain();

 private:
  struct Client {
    Id id = nullptr;
    Line line;
    Owner owner;                       // what it holds its name as, or will
    std::string name = {};             // empty: not a member yet
    std::optional<Request> join = {};  // what it asked for, until it is welcomed
    Bot bot = Bot(bot_script());       // its private conversation
    Pace pace = {std::chrono::milliseconds(50), std::chrono::milliseconds(2'500)};  // of all that it sends
  };

  // room.cpp: what clients ask for, and what becomes of it in the log
  std::chrono::nanoseconds keep_pace(Id id, std::size_t bytes);
  void obey(Id id, const Request& request);
  void join(Id id, const Request& request);
  Step decide_join(Id id, const std::string& wanted);
  void rename(Id id, std::string_view wanted);
  void quit(Id id);
  void leave(const Owner& owner);
  Client& member(Id id);
  void require_free(std::string_view name, std::string_view own) const;

  // room_saying.cpp: what they say
  void type(Id id);
  void say(Id id, const Request& request);
  void say_to_all(Id id, const char* type, std::string_view text);
  void say_to_one(Id id, std::string_view to, std::string_view text);
  void whisper(const Owner& owner, const Json& message);
  void say_to_bot(Id id, std::string_view text);

  // room_telling.cpp: what the log says, and how clients are told
  void come_in(Client& client, const Entry& entry);
  void go_out(const Entry& entry);
  void welcome(const Client& client) const;
  Json private_message(std::string_view from, std::string_view to, std::string_view text) const;
  void tell(Id id, const Json& message);
  void tell_all(std::string_view text, const Client* except = nullptr) const;
  Client* find(Id id);
  Client* find(const Owner& owner);
  std::vector<std::string> names() const;
  std::string who() const;

  const RoomOptions options_;
  Log log_;

  mutable std::mutex mutex_;  // guards all below, and is held while messages are sent: so all see the same order
  RoomState state_;
  std::list<Client> clients_;
  std::uint64_t last_number_ = 0;  // of a client
  bool away_ = false;
  std::condition_variable answered_;                        // with mutex_
  std::map<std::uint64_t, std::optional<bool>> questions_;  // private words at another server: whether they were heard
  std::uint64_t last_question_ = 0;
  bool draining_ = false;
  LimitOfEach<RateLimit> says_{{10, std::chrono::seconds(5)}};                            // by name
  LimitOfEach<RateLimit> types_{{10, std::chrono::seconds(5)}};                           // by name
  LimitOfEach<RateLimit> joins_{{200, std::chrono::seconds(10)}};                         // by address
  LimitOfEach<RateLimit> says_from_{{300, std::chrono::seconds(10)}};                     // by address
  LimitOfEach<Pace> pace_from_{{std::chrono::milliseconds(5), std::chrono::seconds(5)}};  // by address
  Bot bot_;                                                                               // its public conversation
};
