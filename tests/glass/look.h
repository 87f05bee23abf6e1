// glass, and its page in a tab of a real browser.
#pragma once

#include <string>
#include <vector>

#include "browser/devtools.h"
#include "check.h"
#include "net.h"

// The one that all tests of an executable share.
inline Browser& browser() {
  if (std::string_view(WEBSOCK_CHROMIUM).empty()) skip_without("Chromium");
  static Browser only(WEBSOCK_CHROMIUM, WEBSOCK_FOLDER "profile");
  return only;
}

// glass, and its page in a tab, with a connection that is open.
struct Look {
  explicit Look(std::vector<std::string> arguments = {})
      : process(command(std::move(arguments)), "/dev/null"), tab(browser()) {
    std::string line = process.read_line();
    if (line.starts_with("relaying")) {
      relay = static_cast<std::uint16_t>(std::stoi(line.substr(19)));
      line = process.read_line();
    }
    url = line.substr(5);
    tab.resize(1440, 900);
    tab.go_to(url);
    tab.bring_to_front();
    if (relay == 0) tab.wait_until("document.getElementById('tape').textContent.includes('onopen')");
  }
  static std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {WEBSOCK_BIN "glass", "--port", "0", "--relay-port", "0"});
    return arguments;
  }

  // The rows, a line each: what JavaScript was told, the call, the bytes and what is said of them.
  std::string tape() {
    return tab
        .evaluate(R"([...document.querySelectorAll('#tape > li')].map(row => [row.querySelector('.told')?.textContent,
        row.querySelector('.call b')?.textContent, [...row.querySelectorAll('.piece .byte')].map(byte => byte.textContent).join(' '),
        [...row.querySelectorAll('.cap')].map(cap => cap.textContent).join(' / ')].join(' | ')).join('\n'))")
        .text();
  }
  void wait_for_row(const std::string& part) {
    tab.wait_until("[...document.querySelectorAll('#tape > li')].some(row => row.textContent.includes(" +
                   literal(part) + "))");
  }
  void act(const std::string& id) {
    tab.evaluate("document.querySelector('[data-act=" + id + "]').click(); document.getElementById('do').click()");
  }
  std::string text(const std::string& selector) {
    return tab.evaluate("document.querySelector(" + literal(selector) + ").textContent").text();
  }
  void select_last_with(const std::string& part) {
    tab.evaluate("[...document.querySelectorAll('#tape > li')].filter(row => row.textContent.includes(" +
                 literal(part) + ")).at(-1).querySelector('.piece').click()");
  }

  Process process;
  std::uint16_t relay = 0;
  std::string url;
  Tab tab;
};
