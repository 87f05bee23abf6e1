// What every browser test needs: the browser, a room of its own, and a way to say what is wrong.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "../chat/server_process.h"
#include "person.h"

struct Test {
  const char* name;
  void (*run)();
};
extern const std::vector<Test> kTalkTests;
extern const std::vector<Test> kWritingTests;
extern const std::vector<Test> kConnectionTests;
extern const std::vector<Test> kPresenceTests;
extern const std::vector<Test> kLookTests;

struct Stage {
  std::string chat_server;
  std::string folder;
  std::string screenshot;  // where a picture of the light page goes, too; empty: nowhere
  std::unique_ptr<Browser> browser = {};
  int failures = 0;
};
inline Stage stage;

inline void check(bool condition, const std::string& sentence) {
  if (condition) return;
  ++stage.failures;
  std::printf("not true: %s\n", sentence.c_str());
}

template <class Value>
void check_equal(const std::string& what, const Value& got, const Value& wanted) {
  check(got == wanted, what + "\n    wanted " + to_string(Json(wanted)) + "\n    got    " + to_string(Json(got)));
}

struct Room {
  explicit Room(std::vector<std::string> options = {})
      : server(stage.chat_server, stage.folder + "/server.log", std::move(options)) {}

  // At a computer of their own. Empty name: stays outside.
  Person person(const std::string& name) { return Person(*stage.browser, server.url_for(++people), name); }

  ChatServer server;
  int people = 0;
};
