// How often the heap is asked for memory: operator new is replaced by one that counts. An allocation is a lock that all
// threads share, and memory that has to be found; in the steady state a message can do without.
//
// In a debugger, `break allocation_counted` stops at each one that counts.
#include <atomic>
#include <cstdlib>
#include <new>

#include "check.h"
#include "compression/permessage_deflate.h"
#include "endpoints/server_fixture.h"
#include "protocol/message_encoder.h"

using namespace websock;

namespace {

std::atomic<bool> counting = false;
std::atomic<int> allocations = 0;

}  // namespace

// Set a breakpoint here.
void allocation_counted();
[[gnu::noinline]] void allocation_counted() { ++allocations; }

// All other forms of new and delete end in these. Not inlined, or g++ sees a malloc and a delete meet, and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (counting) allocation_counted();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

// A client that sends a batch of the same frame and reads the answers. It allocates nothing itself once it is made.
class Echoed {
 public:
  // `frame` is masked with zeros; the answer is the same frame without the four bytes of the key.
  Echoed(std::uint16_t port, const Bytes& frame, std::size_t batch)
      : client_(port), answers_(batch * (frame.size() - 4)) {
    client_.upgrade();
    for (std::size_t i = 0; i < batch; ++i) batch_ = batch_ + frame;
  }

  bool echo(int batches) {
    bool whole = true;
    for (int i = 0; i < batches; ++i) whole = client_.send(ByteView(batch_)) && read_answers() && whole;
    return whole;
  }

 private:
  bool read_answers() {
    for (std::size_t taken = 0; taken < answers_.size();) {
      const auto count = client_.socket.receive(std::span(answers_).subspan(taken), kLong);
      if (count.value_or(0) == 0) return false;
      taken += *count;
    }
    return true;
  }

  RawClient client_;
  Bytes batch_;
  Bytes answers_;
};

struct Traffic {
  std::uint8_t first_byte;  // FIN and opcode
  std::size_t payload;      // bytes
  std::size_t batch;        // messages that are sent together
};

// A thread that has only just been created allocates when it first runs, whenever that may be. The outbox thread has run
// when it has got rid of a client that does not answer a Close.
void wait_for_the_outbox_thread(WebSocketServer& server, const Journal& journal) {
  RawClient silent(server.port());
  silent.upgrade();
  CHECK(journal.gets("opened"));
  for (const Client& client : server.clients()) client->close();
  CHECK(journal.gets("closed 1006"));
}

// By all threads of this process, over a thousand messages.
int allocations_of(const Traffic& traffic) {
  Journal journal;
  WebSocketServer server(with_journal({.limits = {.close_timeout = Milliseconds(10)}}, journal));
  // Both clients on one thread, one after the other: an accept loop allocates beside its client, whenever it gets to it.
  auto serving = in_thread([&server] {
    server.serve_once();
    server.serve_once();
    return true;
  });
  wait_for_the_outbox_thread(server, journal);
  const Bytes frame = masked(traffic.first_byte, std::string(traffic.payload, 'a'));
  Echoed client(server.port(), frame, traffic.batch);
  const int batches = static_cast<int>(1000 / traffic.batch);
  CHECK(client.echo(batches / 4));  // buffers grow, on both sides of the system's border

  allocations = 0;
  counting = true;
  const bool whole = client.echo(batches);
  counting = false;
  CHECK(whole);
  return allocations;
}

// One compressed message after the other, from a server to a client, without a network between them.
int allocations_of_deflate(const DeflateOptions& options, std::size_t length) {
  const SupportedExtension extension = permessage_deflate(options);
  const AcceptedExtension accepted = extension.accept(extension.offers[0]).value();
  MessageEncoder encoder({accepted.agreed});
  Protocol server(Role::server, {});
  Protocol client(Role::client, {.extensions = {extension.check_answer(accepted.answer).value()}});
  server.handshake_completed();
  std::string text(length, ' ');
  Bytes wire;
  const int before = static_cast<int>(200'000 / length);  // until windows are full, and buffers behind them
  int received = 0;
  for (int i = 0; i < before + 500; ++i) {
    if (i == before) allocations = 0;
    counting = i >= before;
    text.resize(i + 1 == before ? 2 * length : length);  // the last of them is the longest that there will be
    std::uint32_t noise = static_cast<std::uint32_t>(i);
    for (char& c : text) c = static_cast<char>('a' + (noise = noise * 1664525 + 1013904223) % 61440 / 4096);
    wire.clear();
    server.send_message(encoder.encode({Opcode::text, bytes_of(text)}), wire);
    std::span<std::uint8_t> unread(wire);
    const Event* event = client.next_event(unread);
    received += event != nullptr && text_of(event->payload) == text ? 1 : 0;
  }
  counting = false;
  CHECK_EQ(received, before + 500);
  return allocations;
}

constexpr std::uint8_t kText = 0x81;
constexpr std::uint8_t kBinary = 0x82;
constexpr std::uint8_t kPing = 0x89;

}  // namespace

TEST("own-connection-39 an allocation is counted, or the tests below would prove nothing") {
  if (kSanitized) {
    std::printf("skipped: a sanitizer has an operator new of its own\n");
    std::exit(77);
  }
  allocations = 0;
  counting = true;
  void* const memory = ::operator new(100);  // unlike `new`, a call of this is never left out by the compiler
  counting = false;
  ::operator delete(memory);
  CHECK_EQ(allocations.load(), 1);
}

TEST("own-connection-40 in steady state a message allocates nothing") {
  CHECK_EQ(allocations_of({kText, 32, 1}), 0);
  CHECK_EQ(allocations_of({kBinary, 32, 1}), 0);
  CHECK_EQ(allocations_of({kText, 1024, 1}), 0);
  CHECK_EQ(allocations_of({kText, 64 * 1024, 1}), 0);
  CHECK_EQ(allocations_of({kBinary, 64 * 1024, 1}), 0);
}

TEST("own-connection-40 in steady state messages that come together allocate nothing") {
  CHECK_EQ(allocations_of({kText, 32, 16}), 0);
  CHECK_EQ(allocations_of({kText, 1024, 16}), 0);
}

TEST("own-connection-40 in steady state a compressed message allocates nothing") {
  for (const std::size_t length : {40U, 400U, 4000U}) {
    CHECK_EQ(allocations_of_deflate({}, length), 0);
    CHECK_EQ(allocations_of_deflate({.window_bits = 9}, length), 0);
    CHECK_EQ(allocations_of_deflate({.context_takeover = false}, length), 0);
  }
}

TEST("own-connection-41 in steady state the answer to a Ping allocates nothing") {
  CHECK_EQ(allocations_of({kPing, 32, 1}), 0);
}
