// What becomes of bytes that a peer does not read.
//
// The two ends are a socketpair(2): what one end sends, the other one has at once, and a few hundred KiB fill
// it.
#include "transport/outbox.h"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <tuple>

#include "check.h"
#include "net.h"

using namespace websock;

namespace {

constexpr std::size_t kMuch = 4 * 1024 * 1024;  // bytes: more than any socket buffer holds

std::pair<Socket, Socket> socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) < 0) throw std::runtime_error("no socketpair");
  std::pair<Socket, Socket> pair{Socket(ends[0]), Socket(ends[1])};
  pair.first.configure();
  pair.second.configure();
  return pair;
}

Limits limits_of(std::size_t max_outbox, Milliseconds stall) {
  Limits limits;
  limits.max_outbox = max_outbox;
  limits.outbox_stall = stall;
  return limits;
}
const Limits kNoLimits = limits_of(0, Milliseconds(0));

using Lock = std::unique_lock<std::mutex>;

// Bytes for many.
std::shared_ptr<const Buffer> shared(const Bytes& bytes) {
  const auto buffer = std::make_shared<Buffer>();
  buffer->reserve(bytes.size());
  buffer->append(bytes);
  return buffer;
}

// A message of an application's: encodes `first` and sends it with `second`. The caller holds the lock.
bool send(Outbox& outbox, const Bytes& first, ByteView second = {}, Outbox::Rest lies = Outbox::Rest::copied) {
  if (!outbox.may_queue()) return false;
  outbox.tail() = std::move(outbox.tail()) + first;
  return outbox.send(second, lies);
}

// An outbox, and the peer that reads from it, or does not. Its functions take the lock.
struct Pipe {
  OutboxThread thread;
  Socket ours;
  Socket peer;
  std::shared_ptr<Outbox> outbox;

  explicit Pipe(const Limits& limits, Milliseconds tick = Milliseconds(2)) : thread(tick) {
    std::tie(ours, peer) = socket_pair();
    outbox = std::make_shared<Outbox>(ours, limits, thread);
  }
  ~Pipe() { outbox->leave(); }

  bool write(const Bytes& first, const Bytes& second = {}) {
    const Lock lock(outbox->mutex);
    return send(*outbox, first, second);
  }
  bool write_shared(const std::shared_ptr<const Buffer>& bytes) {
    const Lock lock(outbox->mutex);
    return outbox->may_queue() && outbox->send_shared(bytes);
  }
  void hold(const Bytes& bytes) {
    const Lock lock(outbox->mutex);
    outbox->tail() = std::move(outbox->tail()) + bytes;
    outbox->hold();
  }
  std::size_t memory() {
    const Lock lock(outbox->mutex);
    return outbox->memory();
  }
  bool is_empty() {
    const Lock lock(outbox->mutex);
    return outbox->is_empty();
  }
  std::uint64_t waiting() {
    const Lock lock(outbox->mutex);
    return outbox->queued() - outbox->departed();
  }
  std::string why_aborted() {
    const Lock lock(outbox->mutex);
    return outbox->why_aborted() == nullptr ? "" : outbox->why_aborted();
  }
  // What an owner's thread does: it waits in receive(), and is woken by shut_down().
  std::string wait_for_the_end() { return take_to_end(ours); }
};

// Whether neither bytes nor the end of the stream arrive for a while.
bool nothing_happens(Socket& socket, Milliseconds time) {
  std::array<std::uint8_t, 1> byte{};
  return !socket.receive(byte, time);
}

// `size` bytes that differ from place to place, beginning with the `begin`th.
Bytes pattern(std::size_t begin, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>((begin + i) * 7 / 3);
  return bytes;
}

}  // namespace

// ==== Sending ====

TEST("own-outbox-01 what the socket takes goes at once, and nothing is queued") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(hex("81 01"), hex("41")));
  CHECK(pipe.write(hex("89 00")));
  CHECK(pipe.write({}, hex("00")));
  CHECK(pipe.write_shared(shared(hex("8a 00"))));
  CHECK(pipe.is_empty());
  CHECK_EQ(pipe.outbox->queued(), 0u);
  CHECK_EQ(arrived(pipe.peer, 8), "81 01 41 89 00 00 8a 00");
}

TEST("own-outbox-02 nothing is nothing") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write({}, {}));
  CHECK(pipe.write_shared(shared({})));
  CHECK(pipe.is_empty());
  CHECK_EQ(arrived(pipe.peer), "");
}

TEST("own-outbox-03 what the socket does not take is queued, and the thread sends it as the peer reads") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, 10), pattern(10, kMuch)));
  CHECK(!pipe.is_empty());
  CHECK(take(pipe.peer, 10 + kMuch) == pattern(0, 10 + kMuch));
  Lock lock(pipe.outbox->mutex);
  CHECK(pipe.outbox->wait_until_departed(lock, pipe.outbox->queued()));
  CHECK(pipe.outbox->is_empty());
}

TEST("own-outbox-04 bytes stay in order, whichever function wrote them and whoever sends them") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  std::size_t written = kMuch;
  const auto next = [&](std::size_t size) { return pattern(std::exchange(written, written + size), size); };
  CHECK(pipe.write(next(3)));
  CHECK(pipe.write_shared(shared(next(1000))));
  for (std::size_t i = 0; i < 40; ++i) CHECK(pipe.write(next(i)));  // more pieces than one send takes
  CHECK(pipe.write(next(1)));
  auto peer = in_thread([&] { return take(pipe.peer, kMuch); });
  for (std::size_t i = 0; i < 200; ++i) CHECK(pipe.write(next(i)));
  Bytes received = peer.get();
  received = std::move(received) + take(pipe.peer, written - kMuch);
  CHECK(received == pattern(0, written));
}

TEST("own-outbox-05 write() cuts its second piece where the socket was full") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, 4), pattern(4, kMuch)));
  CHECK(pipe.write(pattern(4 + kMuch, 4), pattern(8 + kMuch, 4)));
  CHECK(take(pipe.peer, kMuch + 12) == pattern(0, kMuch + 12));
}

TEST("own-outbox-31 a second piece that stays where it is is not copied") {
  Bytes second = pattern(4, kMuch);  // before the pipe, whose end is when the outbox lets go of it
  Pipe pipe(kNoLimits);
  {
    const Lock lock(pipe.outbox->mutex);
    CHECK(send(*pipe.outbox, pattern(0, 4), second, Outbox::Rest::stays));
    second.back() = 0xEE;
  }
  Bytes wanted = pattern(0, 4 + kMuch);
  wanted.back() = 0xEE;
  CHECK(take(pipe.peer, 4 + kMuch) == wanted);
}

TEST("own-outbox-07 what is queued goes first, though the socket has room again") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  Bytes bytes = take(pipe.peer, 128 * 1024);
  CHECK(pipe.write(pattern(kMuch, 1000)));
  CHECK(pipe.write_shared(shared(pattern(kMuch + 1000, 1000))));
  const Bytes rest = take(pipe.peer, kMuch + 2000 - bytes.size());
  bytes = std::move(bytes) + rest;
  CHECK(bytes == pattern(0, kMuch + 2000));
}

TEST("own-outbox-08 a message for many is stored once, however many queue it") {
  Pipe one(kNoLimits);
  Pipe two(kNoLimits);
  const auto message = shared(pattern(0, kMuch));
  CHECK_EQ(message.use_count(), 1);
  CHECK(one.write_shared(message));
  CHECK(two.write_shared(message));
  CHECK_EQ(message.use_count(), 3);
  CHECK(take(one.peer, kMuch) == pattern(0, kMuch));
  CHECK(take(two.peer, kMuch) == pattern(0, kMuch));
  for (Pipe* pipe : {&one, &two}) {
    Lock lock(pipe->outbox->mutex);
    pipe->outbox->wait_until_departed(lock, pipe->outbox->queued());
  }
  while (message.use_count() > 1) std::this_thread::yield();  // the thread lets go of it behind the lock
  CHECK_EQ(message.use_count(), 1);
}

TEST("own-outbox-09 one peer that reads nothing holds up no other") {
  Pipe silent(kNoLimits);
  CHECK(silent.write(pattern(0, kMuch)));
  auto [ours, peer] = socket_pair();
  const auto other = std::make_shared<Outbox>(ours, kNoLimits, silent.thread);  // the same thread for both
  {
    const Lock lock(other->mutex);
    CHECK(send(*other, pattern(0, kMuch)));
  }
  CHECK(take(peer, kMuch) == pattern(0, kMuch));
  CHECK(!silent.is_empty());
  other->leave();
}

// ==== Waiting ====

TEST("own-outbox-10 who waits for its own bytes does not wait for those of others behind them") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  Lock lock(pipe.outbox->mutex);
  const std::uint64_t own = pipe.outbox->queued();
  CHECK(send(*pipe.outbox, pattern(0, kMuch)));  // somebody's broadcast
  auto peer = in_thread([&] { return take(pipe.peer, kMuch).size(); });
  CHECK(pipe.outbox->wait_until_departed(lock, own));
  CHECK(pipe.outbox->departed() >= own);
  CHECK(!pipe.outbox->is_empty());  // the peer has read no further
  lock.unlock();
  CHECK_EQ(peer.get(), kMuch);
}

TEST("own-outbox-11 what has left already is not waited for") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(hex("00")));
  Lock lock(pipe.outbox->mutex);
  CHECK(pipe.outbox->wait_until_departed(lock, 0));
  CHECK(pipe.outbox->wait_until_departed(lock, pipe.outbox->queued()));
}

TEST("own-outbox-12 a wait ends, with false, when the peer has gone") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  pipe.peer.close();
  Lock lock(pipe.outbox->mutex);
  CHECK(!pipe.outbox->wait_until_departed(lock, pipe.outbox->queued()));
  CHECK(pipe.outbox->is_broken());
  CHECK(pipe.outbox->why_aborted() == nullptr);  // an ordinary end
}

TEST("own-outbox-13 a wait ends, with false, when the owner leaves") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  std::promise<void> waits;
  auto waiter = in_thread([&] {
    Lock lock(pipe.outbox->mutex);
    waits.set_value();
    return pipe.outbox->wait_until_departed(lock, pipe.outbox->queued());
  });
  waits.get_future().wait();
  pipe.outbox->leave();
  CHECK(!waiter.get());
}

// ==== Limits ====

TEST("own-outbox-14 the limit is judged before the bytes are added: one message of any size has room") {
  Pipe pipe(limits_of(1, Milliseconds(0)));
  CHECK(pipe.write(pattern(0, kMuch)));
  CHECK_EQ(pipe.why_aborted(), "");
  CHECK(!pipe.write(hex("00")));
  CHECK(pipe.why_aborted().starts_with("outbox limit: "));
  CHECK(!pipe.write(hex("00")));
  CHECK(!pipe.write_shared(shared(hex("00"))));
}

TEST("own-outbox-15 the limit holds for shared bytes too") {
  Pipe pipe(limits_of(1, Milliseconds(0)));
  const auto message = shared(pattern(0, kMuch));
  CHECK(pipe.write_shared(message));
  CHECK(!pipe.write_shared(message));
  CHECK(pipe.why_aborted().starts_with("outbox limit: "));
  CHECK_EQ(message.use_count(), 2);  // nobody frees anything in the sender's thread, with the lock
  pipe.outbox->leave();
  CHECK_EQ(message.use_count(), 1);
}

TEST("own-outbox-16 up to the limit there is room") {
  Pipe pipe(limits_of(2 * kMuch, Milliseconds(0)));
  CHECK(pipe.write(pattern(0, kMuch)));  // some of it the socket takes
  CHECK(pipe.write(pattern(0, kMuch)));
  CHECK(pipe.memory() < 2 * kMuch);
  CHECK(pipe.write(pattern(0, kMuch)));
  CHECK(!pipe.write(pattern(0, kMuch)));
}

TEST("own-outbox-17 bytes that have left count no more") {
  Pipe pipe(limits_of(1, Milliseconds(0)));
  for (int i = 0; i < 3; ++i) {
    CHECK(pipe.write(pattern(0, kMuch)));
    CHECK_EQ(take(pipe.peer, kMuch).size(), kMuch);
    Lock lock(pipe.outbox->mutex);
    CHECK(pipe.outbox->wait_until_departed(lock, pipe.outbox->queued()));
    CHECK_EQ(pipe.outbox->memory(), 0u);
  }
}

TEST("own-outbox-18 the limit wakes the owner, and the connection is reset") {
  auto [ours, peer] = connected_sockets();
  OutboxThread thread;
  const auto outbox = std::make_shared<Outbox>(ours, limits_of(1, Milliseconds(0)), thread);
  auto owner = in_thread([&socket = ours] { return take_to_end(socket); });
  {
    const Lock lock(outbox->mutex);
    while (send(*outbox, pattern(0, kMuch))) {
    }
  }
  CHECK_EQ(owner.get(), "");
  outbox->leave();
  ours.close();
  CHECK(take_to_end(peer).ends_with("(reset)"));
}

TEST("own-outbox-19 without progress for outbox_stall the connection is aborted, and its owner wakes up") {
  Pipe pipe(limits_of(0, Milliseconds(20)));
  CHECK(pipe.write(pattern(0, kMuch)));
  CHECK_EQ(pipe.wait_for_the_end(), "");
  CHECK(pipe.why_aborted().starts_with("outbox stall: "));
  CHECK(!pipe.write(hex("00")));
}

TEST("own-outbox-20 an empty outbox never stalls") {
  Pipe pipe(limits_of(0, Milliseconds(1)));
  CHECK(pipe.write(hex("00")));
  std::this_thread::sleep_for(Milliseconds(30));
  CHECK(pipe.write(hex("00")));
  CHECK_EQ(pipe.why_aborted(), "");
}

TEST("own-outbox-21 every byte that leaves gives the peer its time anew") {
  bool lived_longer = false;
  // On a busy machine the peer may read too late: then everybody gets twice the time.
  for (Milliseconds stall(320); stall < Milliseconds(8'000) && !lived_longer; stall *= 2) {
    Pipe pipe(limits_of(0, stall));
    CHECK(pipe.write(pattern(0, kMuch)));
    const Deadline longer = deadline_after(3 * stall);
    for (std::size_t taken = 0; Clock::now() < longer && taken < kMuch / 2; taken += 16 * 1024) {
      take(pipe.peer, 16 * 1024);
      static_cast<void>(nothing_happens(pipe.ours, stall / 8));
    }
    lived_longer = pipe.why_aborted().empty();
  }
  CHECK(lived_longer);
}

TEST("own-outbox-32 a slow peer is not given up, though the room that it has made is too little for poll(2)") {
  bool asked = false;
  for (Milliseconds stall(20); stall < Milliseconds(4'000) && !asked; stall *= 2) {
    Pipe pipe(limits_of(0, stall));
    CHECK(pipe.write(pattern(0, kMuch)));
    const std::uint64_t taken_at_once = kMuch - pipe.waiting();
    take(pipe.peer, 64 * 1024);
    pollfd writable = {pipe.ours.descriptor(), POLLOUT, 0};
    const bool is_silent = !wait_for({&writable, 1}, Clock::now());
    CHECK_EQ(pipe.wait_for_the_end(), "");
    take(pipe.peer, static_cast<std::size_t>(taken_at_once) - 64 * 1024);
    asked = is_silent && !take_to_end(pipe.peer).empty();  // more has left since
  }
  CHECK(asked);
}

TEST("own-outbox-34 a peer that reads nothing is given up in its time, however small the frames are that wait") {
  for (const std::size_t size : {3u, 37u, 700u, 90'000u}) {
    Pipe pipe(limits_of(0, Milliseconds(100)));
    const Deadline begin = Clock::now();
    for (std::size_t queued = 0; queued < kMuch; queued += size) {
      if (!pipe.write(pattern(0, size))) break;  // a slow machine
    }
    CHECK_EQ(pipe.wait_for_the_end(), "");
    CHECK(pipe.why_aborted().starts_with("outbox stall: "));
    CHECK(Clock::now() - begin >= Milliseconds(100));
  }
}

TEST("own-outbox-35 the limit counts what the frames take in memory, whatever their size") {
  for (const std::size_t size : {1u, 3u, 37u, 700u}) {
    Pipe pipe(kNoLimits);
    CHECK(pipe.write(pattern(0, kMuch)));  // the socket is full
    const std::size_t before = pipe.memory();
    constexpr std::size_t kBacklog = 1024 * 1024;
    for (std::size_t queued = 0; queued < kBacklog; queued += size) CHECK(pipe.write(pattern(0, size)));
    const std::size_t taken = pipe.memory() - before;
    CHECK(taken < kBacklog + 128 * 1024);               // at most two blocks more than what lies in them
    CHECK(taken + 1024 * 1024 + 64 * 1024 > kBacklog);  // the rest of the last block was there before
  }
}

TEST("own-outbox-36 small frames for many are copied into the block, large ones are shared") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  const auto small = shared(pattern(kMuch, 1023));
  const auto large = shared(pattern(kMuch + 1023, 1024));
  CHECK(pipe.write_shared(small));
  CHECK(pipe.write_shared(large));
  CHECK_EQ(small.use_count(), 1);
  CHECK_EQ(large.use_count(), 2);
  CHECK(take(pipe.peer, kMuch + 2047) == pattern(0, kMuch + 2047));
}

TEST("own-outbox-22 the first cause of an abort is the one that is remembered") {
  Pipe pipe(kNoLimits);
  const Lock lock(pipe.outbox->mutex);
  pipe.outbox->abort("one");
  pipe.outbox->abort("two");
  CHECK_EQ(std::string(pipe.outbox->why_aborted()), "one");
}

// ==== The end ====

TEST("own-outbox-23 end_after() counts from now if nothing is queued") {
  Pipe pipe(kNoLimits);
  const Deadline before = Clock::now();
  {
    const Lock lock(pipe.outbox->mutex);
    CHECK(pipe.outbox->end_deadline() == kNever);
    pipe.outbox->end_after(Milliseconds(20));
    CHECK(pipe.outbox->end_deadline() >= before + Milliseconds(20));
    CHECK(pipe.outbox->end_deadline() <= Clock::now() + Milliseconds(20));
  }
  CHECK_EQ(pipe.wait_for_the_end(), "");
  CHECK(Clock::now() >= before + Milliseconds(20));
  CHECK_EQ(pipe.why_aborted(), "");
}

TEST("own-outbox-24 else it counts from when the queue is empty") {
  Pipe pipe(limits_of(0, kLong));
  CHECK(pipe.write(pattern(0, kMuch)));
  {
    const Lock lock(pipe.outbox->mutex);
    const Deadline begin = Clock::now();
    pipe.outbox->end_after(Milliseconds(20));
    CHECK(pipe.outbox->end_deadline() >= begin + kLong + Milliseconds(20));  // what is queued has the stall's time
  }
  CHECK(nothing_happens(pipe.ours, Milliseconds(100)));  // no end while bytes wait
  const Deadline before = Clock::now();
  CHECK_EQ(take(pipe.peer, kMuch).size(), kMuch);
  CHECK_EQ(pipe.wait_for_the_end(), "");
  CHECK(Clock::now() >= before + Milliseconds(20));
  CHECK_EQ(pipe.why_aborted(), "");
}

TEST("own-outbox-37 a peer that reads a little now and then does not keep an outbox from its end") {
  std::string why;
  // The socket has room again only behind a dozen of those reads. On a busy machine they may take too long: then everybody
  // gets twice the time.
  for (Milliseconds stall(1500); stall < Milliseconds(20'000) && !why.starts_with("outbox limit: "); stall *= 2) {
    Pipe pipe(limits_of(0, stall));
    CHECK(pipe.write(pattern(0, kMuch)));
    {
      const Lock lock(pipe.outbox->mutex);
      pipe.outbox->end_after(Milliseconds(500));
    }
    std::atomic<bool> ended = false;
    auto peer = in_thread([&] {
      for (std::size_t taken = 0; !ended && taken < kMuch - 64 * 1024; taken += 4096) {
        take(pipe.peer, 4096);
        std::this_thread::sleep_for(stall / 150);  // it is in no hurry
      }
    });
    CHECK_EQ(pipe.wait_for_the_end(), "");
    ended = true;
    peer.get();
    why = pipe.why_aborted();
  }
  CHECK(why.starts_with("outbox limit: the peer does not read, and the time to close has passed"));
}

TEST("own-outbox-25 end_by() does not care for the queue, and the earliest deadline holds") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  {
    const Lock lock(pipe.outbox->mutex);
    const Deadline early = deadline_after(Milliseconds(20));
    pipe.outbox->end_by(early);
    pipe.outbox->end_by(soon());
    pipe.outbox->end_after(kLong);
    CHECK(pipe.outbox->end_deadline() == early);
  }
  CHECK_EQ(pipe.wait_for_the_end(), "");
}

TEST("own-outbox-38 our side of TCP ends behind the queue, and the other one goes on") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  {
    const Lock lock(pipe.outbox->mutex);
    pipe.outbox->end_sending();
  }
  CHECK(take(pipe.peer, kMuch + 1) == pattern(0, kMuch));
  put(pipe.peer, hex("00"));
  CHECK_EQ(to_hex(take(pipe.ours, 1)), "00");
}

// ==== What is held back ====

TEST("own-outbox-39 what is held back leaves with what is sent next, in order") {
  Pipe pipe(kNoLimits, kForever);
  pipe.hold(hex("01"));
  pipe.hold(hex("02"));
  CHECK_EQ(arrived(pipe.peer), "");
  CHECK(pipe.write_shared(shared(hex("03"))));
  CHECK_EQ(arrived(pipe.peer, 3), "01 02 03");
}

TEST("own-outbox-40 if nothing is sent, the thread sends it by itself") {
  Pipe pipe(kNoLimits);
  pipe.hold(hex("01"));
  CHECK_EQ(to_hex(take(pipe.peer, 1)), "01");
  CHECK(pipe.write(hex("02")));
  pipe.hold(hex("03"));  // and again
  CHECK_EQ(to_hex(take(pipe.peer, 2)), "02 03");
}

TEST("own-outbox-41 whoever adds a little each time is paid all the same") {
  Pipe pipe(kNoLimits);
  const Deadline late = soon();
  bool paid = false;
  while (!paid && Clock::now() < late) {
    {
      const Lock lock(pipe.outbox->mutex);
      if (!pipe.outbox->may_hold(1)) break;
    }
    pipe.hold(hex("00"));
    std::array<std::uint8_t, 1> byte{};
    paid = pipe.peer.receive(byte, Milliseconds(1)).has_value();
  }
  CHECK(paid);
}

TEST("own-outbox-42 behind a backlog nothing is held back, nor more than fits") {
  Pipe pipe(kNoLimits, kForever);
  {
    const Lock lock(pipe.outbox->mutex);
    CHECK(pipe.outbox->may_hold(Outbox::kMaxHeld));
    CHECK(!pipe.outbox->may_hold(Outbox::kMaxHeld + 1));
  }
  CHECK(pipe.write(pattern(0, kMuch)));
  const Lock lock(pipe.outbox->mutex);
  CHECK(!pipe.outbox->may_hold(0));
}

TEST("own-outbox-43 who waits for room goes on when there is some, and at the latest in time") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  Lock lock(pipe.outbox->mutex);
  pipe.outbox->wait_until_below(lock, 1024, deadline_after(Milliseconds(20)));
  CHECK(pipe.outbox->memory() > 1024);
  auto peer = in_thread([&] { return take(pipe.peer, kMuch).size(); });
  pipe.outbox->wait_until_below(lock, 1024, kNever);
  CHECK(pipe.outbox->memory() <= 1024);
  lock.unlock();
  CHECK_EQ(peer.get(), kMuch);
}

// ==== Leaving ====

TEST("own-outbox-27 who has left is not touched any more") {
  Pipe pipe(kNoLimits);
  CHECK(pipe.write(pattern(0, kMuch)));
  {
    const Lock lock(pipe.outbox->mutex);
    pipe.outbox->end_after(Milliseconds(0));
  }
  pipe.outbox->leave();
  {
    const Lock lock(pipe.outbox->mutex);
    CHECK(pipe.outbox->is_empty());
    CHECK(pipe.outbox->is_broken());
    CHECK(pipe.outbox->end_deadline() == kNever);
  }
  CHECK(!pipe.write(hex("00")));
  CHECK(nothing_happens(pipe.ours, Milliseconds(20)));  // nobody has shut it down
}

TEST("own-outbox-28 a descriptor that is closed after leave() is closed at once, though it was waited for") {
  for (int i = 0; i < 50; ++i) {
    Pipe pipe(kNoLimits);
    CHECK(pipe.write(pattern(0, kMuch)));
    if (i % 2 == 1) std::this_thread::sleep_for(Milliseconds(1));  // let the thread get into its poll(2)
    pipe.outbox->leave();
    pipe.ours.close();
    // The peer does not read: that would wake the thread.
    pollfd ended{pipe.peer.descriptor(), POLLHUP, 0};  // which Linux tells of unasked, but macOS does not
    CHECK(wait_for({&ended, 1}, soon()));
    CHECK((ended.revents & POLLHUP) != 0);
  }
}

TEST("own-outbox-29 the thread serves many at once, and comes and goes with its object") {
  constexpr std::size_t kCount = 20;
  OutboxThread thread;
  std::array<Socket, kCount> ours;
  std::array<Socket, kCount> peers;
  std::vector<std::shared_ptr<Outbox>> outboxes;
  for (std::size_t i = 0; i < kCount; ++i) {
    std::tie(ours[i], peers[i]) = socket_pair();
    outboxes.push_back(std::make_shared<Outbox>(ours[i], kNoLimits, thread));
    const Lock lock(outboxes[i]->mutex);
    CHECK(send(*outboxes[i], pattern(i, 1024 * 1024)));
  }
  for (std::size_t i = kCount; i-- > 0;) CHECK(take(peers[i], 1024 * 1024) == pattern(i, 1024 * 1024));
  for (const std::shared_ptr<Outbox>& outbox : outboxes) outbox->leave();
}

TEST("own-outbox-30 no test has left a descriptor open") { CHECK_EQ(open_descriptors(), kDescriptorsAtStart); }
