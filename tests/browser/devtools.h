// Headless Chromium, driven through its DevTools protocol: JSON objects over a WebSocket, whose client is ours.
//
//     {"id":7,"method":"Page.bringToFront","params":{},"sessionId":"5A..."}      what we ask, of one tab
//     {"id":7,"result":{},"sessionId":"5A..."}                                   its answer
//     {"method":"Runtime.exceptionThrown","params":{...},"sessionId":"5A..."}    what it says unasked
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../programs/process.h"
#include "chat/json.h"
#include "endpoints/client.h"

// The browser refused a command, or a script threw.
class DevToolsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `text` as a literal in a script.
inline std::string literal(std::string_view text) { return to_string(Json(text)); }

class Browser {
 public:
  // Starts one with a fresh profile in `folder`.
  Browser(const std::string& program, const std::string& folder);

  Json call(const char* method, JsonObject params = {}, const std::string& session = "");

  // What pages have complained of since this was called last: exceptions that nobody caught, and what a security policy
  // forbade.
  std::vector<std::string> take_complaints() { return std::exchange(complaints_, {}); }

  // What the browser has written to its console since then, such as why a WebSocket failed.
  std::vector<std::string> take_console() { return std::exchange(console_, {}); }

 private:
  void note(const Json& event);

  Process process_;
  std::optional<websock::WebSocketClient> client_;
  int last_id_ = 0;
  std::vector<std::string> complaints_;
  std::vector<std::string> console_;
};

class Tab {
 public:
  explicit Tab(Browser& browser);                 // a new one: empty, and in front
  Tab(Browser& browser, const std::string& url);  // a tab or a frame that a page has opened, or is about to open
  Tab(Tab&& other) noexcept : browser_(other.browser_), target_(std::move(other.target_)), session_(other.session_) {
    other.target_.clear();
  }
  ~Tab();

  void go_to(const std::string& url);
  void reload();

  // The value of a script's last expression. A promise is waited for.
  Json evaluate(const std::string& script);
  bool holds(const std::string& condition) { return evaluate("Boolean(" + condition + ")").boolean(); }
  // Throws if the condition does not hold within a minute. It may be about things that are not there yet.
  void wait_until(const std::string& condition);

  // What a person does. In a tab that is not in front nobody can type.
  void bring_to_front() { call("Page.bringToFront"); }
  void type(const std::string& text) { call("Input.insertText", {{"text", text}}); }
  void press(const std::string& key);  // "Enter", "Shift+Tab"
  void click(const std::string& selector);
  void point_at(const std::string& selector);  // with the mouse

  void resize(int width, int height);
  void prefer_colors(const char* scheme);  // "light" or "dark"
  void save_screenshot(const std::string& file);

  Json call(const char* method, JsonObject params = {}) { return browser_->call(method, std::move(params), session_); }

 private:
  void attach();
  Json place_of(const std::string& selector);

  Browser* browser_;
  std::string target_;
  std::string session_;
};
