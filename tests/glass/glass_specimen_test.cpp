// The server at the other end of the page's own connection: how long it waits for whom.
#include "check.h"
#include "endpoints/server_fixture.h"
#include "glass/specimens.h"

using namespace websock;

namespace {

// Specimens that serve, on a thread of their own.
struct Serve {
  explicit Serve(const SpecimenLimits& limits)
      : specimens(recorder, {}, limits), serving([this] { specimens.serve(); }) {}
  ~Serve() {
    specimens.stop();
    serving.join();
  }

  // Every end that was recorded: "server reset", "client".
  std::vector<std::string> ends() {
    for (const Item& item : recorder.next(cursor, 1000)) {
      const auto* entry = std::get_if<std::shared_ptr<const Entry>>(&item);
      const Heard* heard = entry == nullptr ? nullptr : std::get_if<Heard>(&(*entry)->what);
      const EndHeard* end = heard == nullptr ? nullptr : std::get_if<EndHeard>(&heard->what);
      if (end == nullptr) continue;
      all.push_back((heard->sender == Role::client ? "client" : "server") + std::string(end->reset ? " reset" : ""));
    }
    return all;
  }

  Recorder recorder;
  Specimens specimens;
  std::thread serving;
  Cursor cursor;
  std::vector<std::string> all;
};

using Ends = std::vector<std::string>;

}  // namespace

TEST(
    "own-glass-specimen-01 a client that says nothing, or half a request, is sent away when the handshake's time is "
    "up") {
  Serve serve({.handshake = kPatience});
  RawClient silent(serve.specimens.port()), slow(serve.specimens.port()), quick(serve.specimens.port());
  slow.send(kRequestWithoutEnd);
  quick.upgrade();
  CHECK_EQ(take_to_end(silent.socket), " (reset)");
  CHECK_EQ(take_to_end(slow.socket), " (reset)");
  CHECK(eventually([&] { return serve.ends() == Ends{"server reset", "server reset"}; }));
  // An open connection has no such limit: its reader may think.
  CHECK(quick.echoes("still here"));
}

TEST("own-glass-specimen-02 a client that does not end TCP after us is reset, and no end of its own is recorded") {
  Serve serve({.patience = kPatience});
  RawClient client(serve.specimens.port());
  client.upgrade().send(masked_close(1000));
  CHECK_EQ(client.take_payload(), "\x03\xe8");
  CHECK(eventually([&] { return serve.ends() == Ends{"server", "server reset"}; }));
}

TEST("own-glass-specimen-03 an answer that waits behind an act is left out where the act has closed") {
  Serve serve({});
  RawClient client(serve.specimens.port());
  client.upgrade();
  const std::vector<Step> act = {{Milliseconds(0), hex("01 01 61"), false},
                                 {Milliseconds(400), hex("80 01 62"), false}};
  const std::vector<Step> goodbye = {{Milliseconds(0), hex("88 02 03e8"), false}};
  CHECK(serve.specimens.perform(1, act) && serve.specimens.perform(1, goodbye));
  CHECK_EQ(to_hex(take(client.socket, 3)), "01 01 61");
  client.send(masked_text("an echo of this would stand behind the Close"));
  CHECK_EQ(to_hex(take(client.socket, 7)), "80 01 62 88 02 03 e8");
  client.send(masked_close(1000));
  CHECK_EQ(take_to_end(client.socket), "");
}

TEST("own-glass-specimen-04 where all have finished their handshake it is the newcomer who has to go") {
  Serve serve({.connections = 2});
  RawClient first(serve.specimens.port()), second(serve.specimens.port());
  first.upgrade();
  second.upgrade();
  RawClient third(serve.specimens.port());
  CHECK(!third.is_accepted());
  CHECK(first.echoes("a") && second.echoes("b"));
}
