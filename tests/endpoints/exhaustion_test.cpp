// Chapter 16: running out. No descriptor is left, no thread, no memory: the server goes on as soon as it can, says so
// once, and loses no established client.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "check.h"
#include "server_fixture.h"

using namespace websock;

// ---- Memory that can run out ----

// Every allocation of this program goes through here. One that has more bytes than `refused_above` fails, and so does
// the one that `countdown` reaches; but only on threads that are not exempt.
static std::atomic<std::size_t> refused_above = SIZE_MAX;
static std::atomic<long> countdown = -1;
static thread_local bool exempt = false;

static bool may_allocate(std::size_t size) {
  if (exempt) return true;
  if (countdown >= 0 && countdown-- == 0) return false;
  return size <= refused_above;
}

// Not inlined, or g++ sees a malloc and a delete meet, and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = may_allocate(size) ? std::malloc(size) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

// Large blocks come from the system itself; this has them go through here, too.
static void* (*const pages_of_the_system)(std::size_t) = map_pages;
static const bool counts_pages = [] {
  map_pages = [](std::size_t size) { return may_allocate(size) ? pages_of_the_system(size) : nullptr; };
  return true;
}();

TEST("own-exhaustion-01 no memory for a message: that client is closed with 1011, and nobody else notices") {
  CHECK(counts_pages);
  exempt = true;
  Attack attack;
  RawClient client(attack.port());
  client.upgrade();
  refused_above = 1 << 18;
  client.send(masked_text(std::string(1 << 20, 'x')));
  CHECK(take_to_end(client.socket).find("03 f3") == 6);
  client.socket.close();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
  refused_above = SIZE_MAX;
}

TEST("own-exhaustion-02 no memory for an outbox: that client is aborted, not the one that sends to it") {
  exempt = true;
  const Bytes large(8 << 20);
  WebSocketServer* server = nullptr;
  Attack attack({.on_data_receive = [&](const Client& client, const Message& message) {
    if (message.text() == "to all") {
      for (const Client& other : server->clients()) {
        if (other->query() == "deaf") other->send(large);
      }
    }
    client->send(message);
  }});
  server = &attack.server();
  RawClient deaf(attack.port(), 4096);
  RawClient talker(attack.port());
  deaf.upgrade("deaf");
  CHECK(talker.upgrade().echoes("to warm up"));
  CHECK(attack.journal().gets("opened", 3));
  refused_above = 1 << 18;
  talker.send(masked_text("to all"));
  CHECK_EQ(talker.take_payload(), "to all");
  CHECK(attack.journal().gets("closed 1006"));
  CHECK(deaf.ends_with_reset());
  talker.reset();
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(deaf));
  refused_above = SIZE_MAX;
}

// One connection's life, as far as it gets: handshake, a message in two fragments, a Ping, an answer too large for the
// socket, a Close.
void live(std::uint16_t port) {
  RawClient client(port, 4096);
  client.send(kRequest);
  client.send(hex("01 83 00000000 626967") + hex("80 81 00000000 21") + masked(0x89, "ping") + masked_close(1000));
  client.ends_with_reset();
}

TEST("own-exhaustion-03 any one allocation may fail, wherever it is: the server stands, and each open has its close") {
  exempt = true;
  const Bytes large(6 << 20);
  std::atomic<int> opened = 0;
  std::atomic<int> closed = 0;
  Serving serving({.on_data_receive =
                       [&](const Client& client, const Message& message) {
                         client->send(message);
                         if (message.text() == "big!") client->send(large);
                       },
                   .on_connection_open = [&](const Client&) { ++opened; },
                   .on_error = [](const Error&) {},
                   .on_connection_close = [&](const Client&) { ++closed; },
                   .limits = {.close_timeout = Milliseconds(300)}});
  const BaseLine calm;
  long at = -1;
  while (countdown < 0) {  // until a life has fewer allocations than that
    countdown = ++at;
    live(serving.port());
  }
  countdown = -1;
  CHECK(at > 30);
  CHECK(eventually([&] { return calm.is_met() && opened == closed; }));
  CHECK(opened > 5);
  CHECK_EQ(opened.load(), closed.load());
  RawClient later(serving.port());
  CHECK(later.upgrade().echoes("as ever"));
  CHECK(serving.ends(later));
}

TEST("own-exhaustion-07 a server can be told to end though there is no memory: its clients may miss the farewell") {
  exempt = true;
  Serving serving;
  RawClient one(serving.port());
  RawClient two(serving.port());
  one.upgrade();
  two.upgrade();
  CHECK(serving.journal.gets("opened", 2));
  exempt = false;
  refused_above = 0;
  serving.server().close_server();
  refused_above = SIZE_MAX;
  exempt = true;
  one.socket.close();
  two.socket.close();
  serving.end_server();
  CHECK(serving.base_line.is_restored());
}

TEST("own-exhaustion-08 no memory for a long reason: nothing has happened, and the server can still be told to end") {
  exempt = true;
  Serving serving;
  RawClient client(serving.port());
  client.upgrade();
  CHECK(serving.journal.gets("opened"));
  const std::string reason(100, 'x');
  for (const long at : {0, 1}) {  // it is kept twice: for those who are here, and for those who come in just now
    bool threw = false;
    exempt = false;
    countdown = at;
    try {
      serving.server().close_server(CloseCode::going_away, reason);
    } catch (const std::bad_alloc&) {
      threw = true;
    }
    countdown = -1;
    exempt = true;
    CHECK(threw);
  }
  exempt = false;
  refused_above = 0;
  serving.server().close_server();
  refused_above = SIZE_MAX;
  exempt = true;
  client.socket.close();
  serving.end_server();
  CHECK(serving.base_line.is_restored());
}

// ---- Descriptors ----

// UBSan opens a pipe when it first sees a type with virtual functions. Let it see this one while it still can.
std::size_t show_to_sanitizer() {
  try {
    throw std::system_error(EMFILE, std::generic_category());
  } catch (const std::exception& error) {
    return std::strlen(error.what());
  }
}

// Takes all the descriptors that this process may have, but for those that it frees again.
class AllDescriptors {
 public:
  AllDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit low{count_descriptors() + 40, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    static_cast<void>(show_to_sanitizer());
    for (int taken = ::dup(0); taken >= 0; taken = ::dup(0)) taken_.push_back(taken);
  }
  ~AllDescriptors() {
    give_back(taken_.size());
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  void give_back(std::size_t count) {
    for (; count > 0; --count, taken_.pop_back()) ::close(taken_.back());
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST("own-exhaustion-04 no descriptor is left: on_error hears of it once, and who waits is served when there is one") {
  Attack attack;
  std::vector<Socket> sockets;
  for (int i = 0; i < 3; ++i) sockets.push_back(RawClient::open());
  auto all = std::make_unique<AllDescriptors>();
  RawClient first(std::move(sockets[0]), attack.port());
  RawClient second(std::move(sockets[1]), attack.port());
  CHECK(attack.journal().gets("error system: cannot take another client"));
  for (int i = 0; i < 100; ++i) CHECK(attack.honest.goes_on());
  CHECK_EQ(attack.journal().count("error"), 1u);
  all->give_back(2);
  CHECK(first.upgrade().echoes("at last"));
  CHECK(second.upgrade().echoes("me too"));
  RawClient third(std::move(sockets[2]), attack.port());
  CHECK(attack.journal().gets("error system: cannot take another client", 2));  // a new episode
  first.reset();
  second.reset();
  CHECK(third.upgrade().echoes("a place of those who left"));
  all.reset();
  third.reset();
  CHECK(attack.was_harmless());
}

// ---- Threads ----

// In a child process: what cannot be undone, or would end this one. The result of `check` is its exit status.
int in_child(int (*check)()) {
  std::fflush(nullptr);
  const pid_t process = ::fork();
  if (process == 0) ::_exit(check());
  int status = 0;
  ::waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

constexpr int kCannotTry = 77;

// This process may have no further thread, or again as many as before. To root that does not apply, so we become nobody.
bool allow_threads(bool allowed) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NPROC, &limit);
  limit.rlim_cur = allowed ? limit.rlim_max : 0;
  if (::setrlimit(RLIMIT_NPROC, &limit) < 0 || (::geteuid() == 0 && ::setuid(65'534) < 0)) return false;
  try {
    std::thread([] {}).join();
    return allowed;
  } catch (const std::system_error&) {
    return !allowed;
  }
}

int without_threads() {
  Attack attack;
  if (!allow_threads(false)) return kCannotTry;
  for (int i = 0; i < 3; ++i) {
    RawClient refused(attack.port());
    if (!take(refused.socket, 1).empty()) return 1;  // a plain close
    if (!attack.honest.goes_on()) return 2;
  }
  if (attack.journal().count("error system: cannot take another client") != 1) return 3;
  if (!allow_threads(true)) return kCannotTry;
  RawClient client(attack.port());
  if (!client.upgrade().echoes("at last")) return 4;
  client.reset();
  if (!attack.is_over()) return 5;
  return attack.was_harmless() ? 0 : 6;
}

TEST("own-exhaustion-05 no thread is left: who comes is sent away, who is there stays, and later clients are served") {
  const int result = in_child(without_threads);
  if (result == kCannotTry) std::puts("own-exhaustion-05: skipped, threads cannot be forbidden here");
  CHECK(result == 0 || result == kCannotTry);
}

TEST("own-exhaustion-06 to destroy a server that is being served is a programming error, and an assert says so") {
#ifdef NDEBUG
  CHECK(true);  // asserts are off
#else
  CHECK_EQ(in_child([] {
             std::freopen("/dev/null", "w", stderr);
             auto* server = new WebSocketServer({});
             std::thread serves([&] { server->serve_forever(); });
             RawClient(server->port()).upgrade();
             delete server;
             return 0;
           }),
           128 + SIGABRT);
#endif
}
