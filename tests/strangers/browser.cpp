// A browser against our echo server:    browser PAGE BROWSER DIRECTORY [deflate]
//
// Serves the page and the echo on one port, starts headless Chromium there, and waits for the page's verdict.
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>

#include "browser/devtools.h"
#include "websock.h"

namespace {

struct Verdict {
  std::mutex mutex;  // guards the text
  std::condition_variable arrived;
  std::string text;
};

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || std::string(argv[2]).empty()) skip_without("Chromium");
  const bool deflates = argc > 4;
  std::vector<websock::SupportedExtension> extensions;
  if (deflates) extensions.push_back(websock::permessage_deflate({.compress_from = 0}));
  Verdict verdict;
  websock::WebSocketServer server({
      .on_data_receive =
          [&](const websock::Client& client, const websock::Message& message) {
            if (!message.is_text() || !message.text().starts_with("verdict: ")) {
              client->send(message);
              return;
            }
            const std::lock_guard lock(verdict.mutex);
            verdict.text = message.text().substr(9);
            verdict.arrived.notify_one();
          },
      .extensions = std::move(extensions),
      .on_http_request =
          [page = read_file(argv[1])](const websock::Request&) {
            return websock::Response{200, "", {{"Content-Type", "text/html; charset=utf-8"}}, page};
          },
  });
  std::thread serving([&] { server.serve_forever(); });
  {
    const std::string url =
        "http://127.0.0.1:" + std::to_string(server.port()) + (deflates ? "/?permessage-deflate" : "/");
    Browser browser(argv[2], argv[3]);
    Tab tab(browser);
    tab.go_to(url);
    std::unique_lock lock(verdict.mutex);
    verdict.arrived.wait_for(lock, std::chrono::seconds(500), [&] { return !verdict.text.empty(); });
  }
  server.close_server();
  serving.join();
  std::printf("the browser is: %s\n", verdict.text.empty() ? "silent" : verdict.text.c_str());
  return verdict.text == "content" ? 0 : 1;
}
