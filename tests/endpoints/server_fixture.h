// What the tests of a running server share: the server on a thread of its own, clients that are nothing but a
// TCP connection, a journal of what the callbacks saw, and a look at what the process still holds.
//
// Nothing here sleeps in order to be on time. Waiting is for something to happen, and ends with a failure
// after a time that no machine needs.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#ifdef __APPLE__
#include <mach/mach.h>
#endif

#include "endpoints/server.h"
#include "net.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

// A limit that a test waits for an attacker to reach, and that an honest client keeps, on a busy machine too.
inline constexpr websock::Milliseconds kPatience(2000);

// ---- What the process holds ----

#ifdef __APPLE__

inline std::size_t count_threads() {
  thread_act_array_t threads = nullptr;
  mach_msg_type_number_t count = 0;
  ::task_threads(mach_task_self(), &threads, &count);
  for (std::size_t i = 0; i < count; ++i) ::mach_port_deallocate(mach_task_self(), threads[i]);
  ::vm_deallocate(mach_task_self(), reinterpret_cast<vm_address_t>(threads), count * sizeof *threads);
  return count;
}

inline std::size_t resident_memory() {  // bytes
  mach_task_basic_info info{};
  mach_msg_type_number_t size = MACH_TASK_BASIC_INFO_COUNT;
  ::task_info(mach_task_self(), MACH_TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&info), &size);
  return info.resident_size;
}

#else

// A number in /proc/self/status; 0 if that cannot be read.
inline std::size_t number_in_status(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t number = 0;
    if (word == name && status >> number) return number;
  }
  return 0;
}

// The kernel's own count. Whoever lists /proc/self/task misses threads: the list ends early if one dies that is just
// being listed.
inline std::size_t count_threads() { return number_in_status("Threads:"); }

inline std::size_t resident_memory() { return number_in_status("VmRSS:") * 1024; }  // bytes

#endif

inline std::size_t count_descriptors() {
  std::error_code none;
  const std::filesystem::directory_iterator entries("/dev/fd", none);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// ThreadSanitizer adds a thread of its own to a program's first one. So let that be now, before anything is counted.
inline const bool kHasHadAThread = [] {
  std::thread([] {}).join();
  return true;
}();

// A login shell allows 1024 descriptors. That is less than what a server has room for by default, and each test's on_error
// would hear of that first.
inline const bool kHasDescriptors = [] {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 4096));
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}();

// The threads and descriptors of this process at one time, and whether they come back to that. A thread is counted a
// moment longer than it takes to join it, so the count at the beginning may have been too high, and a thread that ends now
// may not be missed. What else its end brings has to be waited for as well.
class BaseLine {
 public:
  // `held`: the descriptors that the test itself has opened since.
  bool is_met(std::size_t held = 0) const {
    return count_threads() <= threads_ && count_descriptors() == descriptors_ + held;
  }
  bool is_restored(std::size_t held = 0) const {
    return eventually([&] { return is_met(held); });
  }

 private:
  const std::size_t threads_ = count_threads();
  const std::size_t descriptors_ = count_descriptors();
};

// ---- What happened ----

// Lines in the order in which they were written. Any thread writes, the test waits for them.
class Journal {
 public:
  void note(const std::string& line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    written_.notify_all();
  }

  // How many lines have `part` in them.
  std::size_t count(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    return count_locked(part);
  }

  // Waits for so many.
  bool gets(std::string_view part, std::size_t times = 1) const {
    std::unique_lock lock(mutex_);
    return written_.wait_until(lock, soon(), [&] { return count_locked(part) >= times; });
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::size_t count_locked(std::string_view part) const {
    std::size_t count = 0;
    for (const std::string& line : lines_) count += line.find(part) != std::string::npos;
    return count;
  }

  mutable std::mutex mutex_;  // guards the lines
  mutable std::condition_variable written_;
  std::vector<std::string> lines_;
};

// A door that is shut until the test opens it: for a callback that takes as long as we want.
class Door {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    is_waited_for_ = true;
    changed_.notify_all();
    changed_.wait_until(lock, soon(), [&] { return is_open_; });
  }
  // Waits until somebody stands before it.
  bool gets_somebody() {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, soon(), [&] { return is_waited_for_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_waited_for_ = false;
  bool is_open_ = false;
};

// ---- The server ----

inline std::string number_of(websock::CloseCode code) { return std::to_string(static_cast<int>(code)); }

// Adds what `options` lacks: an echo, and callbacks that write to the journal.
inline websock::ServerOptions with_journal(websock::ServerOptions options, Journal& journal) {
  if (!options.on_data_receive) {
    options.on_data_receive = [](const websock::Client& client, const websock::Message& message) {
      client->send(message);
    };
  }
  if (!options.on_connection_open) {
    options.on_connection_open = [&journal](const websock::Client&) { journal.note("opened"); };
  }
  if (!options.on_connection_close) {
    options.on_connection_close = [&journal](const websock::Client& client) {
      journal.note("closed " + number_of(client->close_info().code));
    };
  }
  if (!options.on_error) {
    options.on_error = [&journal](const websock::Error& error) {
      journal.note("error " + to_string(error.kind) + ": " + error.text);
    };
  }
  return options;
}

// A server that serves on a thread of its own. After end() nothing is left of it.
class Running {
 public:
  explicit Running(const websock::ServerOptions& options)
      : server_(std::make_unique<websock::WebSocketServer>(options)), thread_([this] { server_->serve_forever(); }) {}
  ~Running() { end(); }

  void end() {
    if (!server_) return;
    server_->close_server();
    join();
    server_.reset();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  websock::WebSocketServer& server() { return *server_; }

 private:
  std::unique_ptr<websock::WebSocketServer> server_;
  std::thread thread_;
};

// ---- The clients ----

inline constexpr std::string_view kRequestWithoutEnd =
    "GET /path?query HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
inline const std::string kRequest = std::string(kRequestWithoutEnd) + "\r\n";
inline constexpr std::string_view kAccepted =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

// A frame as a client sends it. The masking key is 00000000, so that the payload can be read in a dump.
inline websock::Bytes masked(std::uint8_t first, std::string_view payload) {
  websock::Bytes bytes = {first};
  const std::uint64_t length = payload.size();
  const int digits = length < 126 ? 0 : length < 65536 ? 2 : 8;
  bytes.push_back(static_cast<std::uint8_t>(0b1000'0000 | (digits == 0 ? length : digits == 2 ? 126 : 127)));
  for (int i = digits - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
  bytes.insert(bytes.end(), 4, 0);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}
inline websock::Bytes masked_text(std::string_view text) { return masked(0x81, text); }
inline websock::Bytes masked_close(int code) {
  return masked(0x88, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)});
}

// A TCP connection to the server that does what the test says, and nothing on its own.
class RawClient {
 public:
  // `receive_buffer`: bytes that the system may store while we do not read; 0: its default.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0) : RawClient(open(receive_buffer), port) {}
  explicit RawClient(websock::Socket connected) : socket(std::move(connected)) {}
  // A socket that was opened before, for when no further descriptor can be had.
  RawClient(websock::Socket opened, std::uint16_t port) : socket(std::move(opened)) {
    const websock::Address address = websock::resolve("127.0.0.1", port).front();
    const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(socket.descriptor(), name, address.size) < 0) websock::throw_errno("connect");
    socket.configure();  // not before: connect(2) would not wait, either
  }

  static websock::Socket open(int receive_buffer = 0) {
    websock::Socket opened(::socket(AF_INET, SOCK_STREAM, 0));
    if (receive_buffer > 0) {
      ::setsockopt(opened.descriptor(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    return opened;
  }

  // False: the server has ended the connection.
  bool send(websock::ByteView bytes) {
    try {
      return socket.send_all(bytes, soon());
    } catch (const std::system_error&) {
      return false;
    }
  }
  bool send(std::string_view text) { return send(websock::bytes_of(text)); }

  std::string take_head() {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const websock::Bytes byte = take(socket, 1);
      if (byte.empty()) return head + "(end)";
      head += static_cast<char>(byte[0]);
    }
    return head;
  }
  std::string take_text_to_end() {
    const websock::Bytes bytes = hex(take_to_end(socket));
    return std::string(websock::text_of(bytes));
  }

  // `query`: of the request's target, for callbacks that tell clients apart.
  RawClient& upgrade(std::string_view query = "query") {
    std::string request = kRequest;
    send(request.replace(request.find("query"), 5, query));
    if (take_head() != kAccepted) throw std::runtime_error("the handshake was refused");
    return *this;
  }

  // False: it was refused, in whatever way.
  bool is_accepted() {
    try {
      return send(kRequest) && take_head() == kAccepted;
    } catch (const std::system_error&) {
      return false;
    }
  }

  // The payload of the next frame that is no Ping; those are answered.
  std::string take_payload() {
    for (;;) {
      const RawFrame frame = take_frame(socket);
      const std::string payload(websock::text_of(frame.payload));
      if (frame.first != 0x89) return payload;
      send(masked(0x8a, payload));
    }
  }
  bool echoes(const std::string& text) { return send(masked_text(text)) && take_payload() == text; }

  // Reads and forgets until the connection is over. True: it ended with a reset.
  bool ends_with_reset() {
    websock::Bytes scratch(256 * 1024);
    try {
      for (;;) {
        const std::optional<std::size_t> count = socket.receive(scratch, kLong);
        if (!count) throw std::runtime_error("waited in vain for the end");
        if (*count == 0) return false;
      }
    } catch (const std::system_error& error) {
      return error.code() == std::errc::connection_reset;
    }
  }

  void reset() {
    socket.reset_on_close();
    socket.close();
  }

  websock::Socket socket;
};

// A client on a thread of its own that sends a message, waits for the echo, and again, to see whether others
// can disturb it.
class HonestClient {
 public:
  explicit HonestClient(std::uint16_t port) : client_(port) {
    client_.upgrade();
    thread_ = std::thread([this] { run(); });
  }
  ~HonestClient() { finish(); }

  // Waits until it has sent something and got it back, as from now: then it has read all that came before.
  bool goes_on() const {
    const int before = count_;
    return eventually([&] { return count_ >= before + 2 || !well_; }) && well_;
  }

  // Whether all went well until now. Ends with one more echo.
  bool finish() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
    client_.socket.close();
    return well_;
  }

 private:
  void run() {
    try {
      for (bool last = false; well_ && !last; ++count_) {
        last = ending_;
        const std::string text = "honest " + std::to_string(count_);
        std::string back = client_.send(masked_text(text)) ? client_.take_payload() : "";
        while (back.starts_with("broadcast")) back = client_.take_payload();
        well_ = back == text;
        std::this_thread::sleep_for(websock::Milliseconds(1));  // without it, this thread would fill a processor
      }
    } catch (const std::exception&) {
      well_ = false;
    }
    if (well_) client_.send(masked_close(1000));
  }

  RawClient client_;
  std::thread thread_;
  std::atomic<bool> ending_ = false;
  std::atomic<bool> well_ = true;
  std::atomic<int> count_ = 0;
};

// Most tests: a server with a journal, and the base line to which it has to come back.
class Serving {
 public:
  explicit Serving(const websock::ServerOptions& options = {}) : running_(with_journal(options, journal)) {}

  websock::WebSocketServer& server() { return running_.server(); }
  std::uint16_t port() { return server().port(); }

  void end_server() { running_.end(); }

  // These clients go, then the server ends. True: nothing is left of it, and every open has had its close.
  template <class... Clients>
  bool ends(Clients&... clients) {
    (clients.socket.close(), ...);
    end_server();
    return base_line.is_restored() && journal.count("opened") == journal.count("closed ");
  }

  const BaseLine base_line;
  Journal journal;

 private:
  Running running_;
};

// The tests of attacks: besides the attackers there is an honest client, whom nothing must reach.
class Attack {
 public:
  explicit Attack(const websock::ServerOptions& options = {}) : serving(options), honest(serving.port()) {}

  websock::WebSocketServer& server() { return serving.server(); }
  std::uint16_t port() { return serving.port(); }
  Journal& journal() { return serving.journal; }

  // The attackers' threads have ended, and their descriptors are closed, though the test still holds its `held` ends of
  // the connections. Each had its on_connection_close, once.
  bool is_over(std::size_t held = 0) {
    return eventually(
        [&] { return calm_.is_met(held) && journal().count("opened") == journal().count("closed ") + 1; });
  }

  // The honest client has noticed nothing, and the server ends as it should.
  template <class... Clients>
  bool was_harmless(Clients&... clients) {
    return honest.finish() && serving.ends(clients...);
  }

  Serving serving;
  HonestClient honest;

 private:
  const BaseLine calm_;
};
