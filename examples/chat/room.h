// A chat room: commands in, messages out. It knows no socket and no clock; who connects a client says how to
// send to it.
//
// Both directions carry one JSON object a message. A client says:
//
//     {"type":"join","name":"Ada"}                    first of all
//     {"type":"join","name":"Ada","key":"5d3f","epoch":"9a1c","after":17}      when it comes back
//     {"type":"say","text":"Hello"}                   whatever was typed, see commands.h
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
//
// Messages and actions are numbered without a gap. A client that comes back names the last number that it has
// seen, and its history begins behind that; `missed` says how many more there were than are kept. The numbers
// begin anew with every start of the server, so they count only within one epoch.
//
// The key, which the client makes up, is how a client that lost its connection gets its name back before the
// server has noticed the loss.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bot.h"
#include "json.h"
#include "rate_limit.h"

struct RoomOptions {
  std::string name = "Chat";
  std::string epoch = {};  // another one at each start
  bool bot = true;
  std::size_t max_history = 100;
  std::size_t max_members = 500;
  std::function<std::chrono::steady_clock::time_point()> clock = std::chrono::steady_clock::now;
  std::function<std::chrono::system_clock::time_point()> time = std::chrono::system_clock::now;
};

// How to reach a client. Both are called while the room is locked, and so must not wait.
struct Line {
  std::function<void(std::string_view text)> send;
  std::function<void()> close;
};

// What a client asked for is not possible. what() tells the person why.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Any thread may call any member.
class Room {
 public:
  using Id = const void*;
  static constexpr const char* kBotName = "Bot";

  explicit Room(RoomOptions options) : options_(std::move(options)), bot_(bot_script()) {}

  void connect(Id id, Line line);
  void receive(Id id, std::string_view text);  // what a client sent
  void disconnect(Id id);

 private:
  struct Client {
    Id id = nullptr;
    Line line;
    std::string name = {};  // empty: not a member yet
    std::string key = {};
    RateLimit says = {10, std::chrono::seconds(5)};
    RateLimit types = {10, std::chrono::seconds(5)};
    Bot bot = Bot(bot_script());  // its private conversation
  };

  // room.cpp: what clients may ask for
  void obey(Client& client, const Json& message);
  void join(Client& client, const Json& message);
  void rename(Client& client, std::string_view name);
  void say(Client& client, const std::string& line);
  void say_to_all(Client& client, const char* type, std::string_view text);
  void say_to_one(Client& client, std::string_view rest);
  void say_to_bot(Client& client, std::string_view text);

  // room_members.cpp: who is there, and how they are told
  void leave(const Client& client);
  std::string check_name(std::string_view name, std::string_view own) const;
  Client* find(Id id);
  Client* find_member(std::string_view name);
  std::size_t count_members() const;
  JsonArray names() const;

  void welcome(const Client& client, const Json& message) const;
  void publish(const char* type, std::string_view from, std::string_view text);
  void tell_all(const Json& message, const Client* except = nullptr) const;
  Json private_message(std::string_view from, std::string_view to, std::string_view text) const;

  const RoomOptions options_;

  std::mutex mutex_;  // guards all below, and is held while messages are sent: so all see the same order
  std::list<Client> clients_;
  std::deque<Json> history_;
  std::uint64_t sequence_ = 0;  // of the latest message
  Bot bot_;                     // its public conversation
};
