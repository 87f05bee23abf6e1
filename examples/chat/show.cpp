#include "show.h"

#include <ctime>

#include "text.h"

namespace {

// Further lines of a message are indented, so that none of them can pass for somebody else's message.
std::string printable(const std::string& text) {
  std::string clean;
  for (const char32_t c : code_points(text)) {
    if (c == '\n') {
      clean += "\n      ";
    } else {
      clean += is_control(c) ? " " : to_utf8(c);
    }
  }
  return clean;
}

// "2026-01-31T09:26:53Z" as hours and minutes of here.
std::string local_time(const std::string& utc) {
  std::tm parts{};
  if (::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return "--:--";
  const std::time_t time = ::timegm(&parts);
  ::localtime_r(&time, &parts);
  char text[8];
  return {text, std::strftime(text, sizeof text, "%H:%M", &parts)};
}

std::string show_welcome(const Json& message) {
  std::string text = "* " + message["room"].text() + ":";
  for (const Json& name : message["members"].array()) text += " " + name.text() + ",";
  text.back() = '.';
  text = printable(text) + "\n";
  for (const Json& past : message["history"].array()) text += show(past);
  return text;
}

}  // namespace

std::string show(const Json& message) {
  const std::string& type = message["type"].text();
  const auto part = [&](const char* name) { return printable(message[name].text()); };
  const auto time = [&] { return local_time(message["time"].text()); };
  if (type == "welcome") return show_welcome(message);
  if (type == "message") return time() + " " + part("from") + ": " + part("text") + "\n";
  if (type == "action") return time() + " * " + part("from") + " " + part("text") + "\n";
  if (type == "private") return time() + " " + part("from") + " to " + part("to") + " alone: " + part("text") + "\n";
  if (type == "joined") return "* " + part("name") + " has come in.\n";
  if (type == "left") return "* " + part("name") + " has left.\n";
  if (type == "renamed") return "* " + part("from") + " is now " + part("name") + ".\n";
  if (type == "info") return "* " + part("text") + "\n";
  if (type == "error") return "! " + part("text") + "\n";
  return "";
}
