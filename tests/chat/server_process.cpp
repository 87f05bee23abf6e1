#include "server_process.h"

#include <stdexcept>
#include <thread>
#include <utility>

#include "transport/deadline.h"

ChatServer::ChatServer(std::string program, std::string error_log, std::vector<std::string> options)
    : program_(std::move(program)), error_log_(std::move(error_log)), options_(std::move(options)) {
  start();
}

void ChatServer::start() {
  std::vector<std::string> words = {program_, "--port", port_};
  words.insert(words.end(), options_.begin(), options_.end());
  process_ = std::make_unique<Process>(std::move(words), error_log_);
  const std::string line = process_->read_line();  // listening on http://127.0.0.1:36545/
  const std::size_t colon = line.rfind(':');
  port_ = line.substr(colon + 1, line.rfind('/') - colon - 1);
}

// Somebody's outgoing connection may hold the port for a moment.
void ChatServer::start_again() {
  const websock::Deadline deadline = websock::deadline_after(websock::Milliseconds(300'000));
  while (true) {
    try {
      return start();
    } catch (const std::runtime_error&) {
      if (websock::time_left(deadline) == websock::Milliseconds(0)) throw;
      std::this_thread::sleep_for(websock::Milliseconds(50));
    }
  }
}
