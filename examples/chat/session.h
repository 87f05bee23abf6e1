// One person's stay in the room, over as many connections as it takes.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <websock/websock.h>
#include "json.h"
#include "screen.h"

class Session {
 public:
  // Nothing happens yet. `screen` must outlive it. `extensions`: what each connection offers.
  Session(std::string url, std::string name, Screen& screen, std::vector<websock::SupportedExtension> extensions = {});

  // Connects and joins. False: the room refused, and the screen says why. Throws what WebSocketClient's constructor
  // does.
  bool come_in();

  // Prints what comes, until the room says goodbye, somebody calls leave(), or the connection is lost and `comes_back`
  // is false. Else it comes in again after a lost connection, and prints what was missed.
  void run(bool comes_back);

  // Any thread may call these, while run() runs. False: there is no connection, so the line was not said.
  bool say(const std::string& line);
  void hurry();  // ends the pause before the next try, if there is one
  void leave();

  // After run(): whether it ended with a lost connection.
  bool was_lost() const { return lost_; }

 private:
  std::optional<Json> receive();
  void receive_all();
  void show_message(const Json& message);
  void take_welcome(const Json& message);
  void take_note(const Json& message);
  void confirm(const std::string& text);
  void show_names();
  void return_unanswered();
  bool wait(double seconds);
  void send(const Json& message);
  bool is_leaving();

  const std::string url_;
  const std::string key_;
  const std::vector<websock::SupportedExtension> extensions_;
  Screen& screen_;

  // These belong to the thread that is in come_in() or run().
  std::string name_;
  std::string epoch_;
  double seen_ = 0;  // the number of the last message that was shown
  std::set<std::string> members_;
  bool lost_ = false;

  websock::ConnectStop stop_;

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::shared_ptr<websock::WebSocketClient> client_;  // of the latest connection; only that thread makes another one
  bool joined_ = false;
  bool leaving_ = false;
  bool hurried_ = false;
  std::deque<std::string> unanswered_;  // what was said and has not come back
};
