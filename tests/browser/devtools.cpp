#include "devtools.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "handshake/base64.h"

namespace {

using websock::Milliseconds;

constexpr Milliseconds kLong(300'000);  // an emulated program takes a minute to start

// Calls `attempt` until it returns something.
template <class Attempt>
auto poll_for(const std::string& what, Attempt attempt) {
  const websock::Deadline deadline = websock::deadline_after(kLong);
  while (true) {
    if (auto result = attempt()) return *result;
    if (websock::time_left(deadline) == Milliseconds(0)) throw DevToolsError("waited in vain for " + what);
    std::this_thread::sleep_for(Milliseconds(20));
  }
}

std::vector<std::string> command_line(const std::string& program, const std::string& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return {program,
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--lang=en-GB",
          "--user-data-dir=" + folder,
          "--remote-debugging-port=0"};
}

// Where the browser listens: it writes the port, and below it the path, into a file of its profile.
std::optional<std::string> endpoint(const std::string& folder) {
  std::ifstream file(folder + "/DevToolsActivePort");
  std::string port;
  std::string path;
  if (!std::getline(file, port) || !std::getline(file, path)) return std::nullopt;
  return "ws://127.0.0.1:" + port + path;
}

}  // namespace

Browser::Browser(const std::string& program, const std::string& folder)
    : process_(command_line(program, folder), folder + "/browser.log") {
  client_.emplace(poll_for("the browser", [&] { return endpoint(folder); }));
}

Json Browser::call(const char* method, JsonObject params, const std::string& session) {
  JsonObject message = {{"id", ++last_id_}, {"method", method}, {"params", std::move(params)}};
  if (!session.empty()) message.push_back({"sessionId", session});
  client_->send(to_string(message));
  while (const auto received = client_->receive(kLong)) {
    const Json answer = parse_json(received->text());
    if (answer["id"].is_null()) {
      note(answer);
    } else if (answer["id"].number() == last_id_) {
      if (!answer["error"].is_null()) throw DevToolsError(method + (": " + answer["error"]["message"].text()));
      return answer["result"];
    }
  }
  throw std::runtime_error(std::string("the browser does not answer ") + method);
}

void Browser::note(const Json& event) {
  const Json& method = event["method"];
  const Json& entry = event["params"]["entry"];
  if (method == Json("Runtime.exceptionThrown")) complaints_.push_back(to_string(event["params"]));
  if (method == Json("Log.entryAdded")) console_.push_back(entry["text"].text());
  if (method == Json("Log.entryAdded") && entry["source"] == Json("security")) complaints_.push_back(to_string(entry));
}

Tab::Tab(Browser& browser) : browser_(&browser) {
  target_ = browser.call("Target.createTarget", {{"url", "about:blank"}})["targetId"].text();
  attach();
}

Tab::Tab(Browser& browser, const std::string& url) : browser_(&browser) {
  target_ = poll_for("a page at " + url, [&]() -> std::optional<std::string> {
    const Json targets = browser.call("Target.getTargets");
    for (const Json& found : targets["targetInfos"].array()) {
      if (found["url"].text() == url) return found["targetId"].text();
    }
    return std::nullopt;
  });
  attach();
}

void Tab::attach() {
  const JsonObject params = {{"targetId", target_}, {"flatten", true}};
  session_ = browser_->call("Target.attachToTarget", params)["sessionId"].text();
  call("Page.enable");
  call("Runtime.enable");
  call("Log.enable");
}

Tab::~Tab() {
  try {
    if (!target_.empty()) browser_->call("Target.closeTarget", {{"targetId", target_}});
  } catch (const std::exception&) {
    // Then the browser has gone, and its tab with it.
  }
}

void Tab::go_to(const std::string& url) {
  call("Page.navigate", {{"url", url}});
  wait_until("location.href === " + literal(url) + " && document.readyState === 'complete'");
}

void Tab::reload() {
  evaluate("window.is_old = true");
  call("Page.reload");
  wait_until("!window.is_old && document.readyState === 'complete'");
}

Json Tab::evaluate(const std::string& script) {
  const Json answer =
      call("Runtime.evaluate", {{"expression", script}, {"returnByValue", true}, {"awaitPromise", true}});
  const Json& thrown = answer["exceptionDetails"];
  if (!thrown.is_null()) throw DevToolsError(script + ": " + to_string(thrown["exception"]["description"]));
  return answer["result"]["value"];
}

void Tab::wait_until(const std::string& condition) {
  poll_for(condition, [&]() -> std::optional<bool> {
    try {
      if (holds(condition)) return true;
    } catch (const DevToolsError&) {
      // A page that is being loaded has neither elements nor variables yet.
    }
    return std::nullopt;
  });
}

void Tab::press(const std::string& key) {
  constexpr int kShift = 8;
  const std::map<std::string, int> codes = {{"Backspace", 8},  {"Tab", 9},      {"Enter", 13},      {"Escape", 27},
                                            {"ArrowLeft", 37}, {"ArrowUp", 38}, {"ArrowRight", 39}, {"ArrowDown", 40},
                                            {"/", 191},        {"p", 80}};
  const bool shifted = key.starts_with("Shift+");
  const std::string name = shifted ? key.substr(6) : key;
  const int code = codes.at(name);
  JsonObject params = {{"type", "keyDown"},
                       {"key", name},
                       {"code", name},
                       {"windowsVirtualKeyCode", code},
                       {"modifiers", shifted ? kShift : 0},
                       {"text", name == "Enter"    ? "\r"
                                : name.size() == 1 ? name
                                                   : ""}};
  call("Input.dispatchKeyEvent", params);
  params.front().second = "keyUp";
  params.back().second = "";
  call("Input.dispatchKeyEvent", params);
}

void Tab::point_at(const std::string& selector) {
  const Json box = place_of(selector);
  call("Input.dispatchMouseEvent", {{"type", "mouseMoved"}, {"x", box["x"]}, {"y", box["y"]}});
}

// The middle of it, in pixels of the window.
Json Tab::place_of(const std::string& selector) {
  return evaluate("(() => { const box = document.querySelector(" + literal(selector) +
                  ").getBoundingClientRect();"
                  "return {x: box.x + box.width / 2, y: box.y + box.height / 2}; })()");
}

void Tab::click(const std::string& selector) {
  const Json box = place_of(selector);
  for (const char* type : {"mouseMoved", "mousePressed", "mouseReleased"}) {
    call("Input.dispatchMouseEvent",
         {{"type", type}, {"x", box["x"]}, {"y", box["y"]}, {"button", "left"}, {"clickCount", 1}});
  }
}

void Tab::resize(int width, int height) {
  call("Emulation.setDeviceMetricsOverride",
       {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", width < 500}});
}

void Tab::prefer_colors(const char* scheme) {
  const JsonObject feature = {{"name", "prefers-color-scheme"}, {"value", scheme}};
  call("Emulation.setEmulatedMedia", {{"features", JsonArray{feature}}});
}

void Tab::save_screenshot(const std::string& file) {
  const Json shot = call("Page.captureScreenshot", {{"format", "png"}});
  const websock::Bytes bytes = websock::base64_decode(shot["data"].text()).value();
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
