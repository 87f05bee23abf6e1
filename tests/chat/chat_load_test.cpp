// Many in one room:    chat_load_test [--clients 200] [--seconds 60]
//
// Each client says something every second. At the end every client must have heard every message exactly once, and all
// of them in one order.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "chat/host.h"
#include "common/arguments.h"
#include "endpoints/server_fixture.h"

namespace {

using websock::Clock;
using websock::Milliseconds;

struct Plan {
  std::size_t clients = 200;
  std::size_t seconds = 60;
  std::size_t messages() const { return clients * seconds; }
};

// A message is known by its text, a number that occurs once.
struct Member {
  std::vector<std::size_t> heard = {};
  Milliseconds slowest = Milliseconds(0);  // from saying something to hearing it oneself
  std::string fault = {};
};

std::optional<std::size_t> number_in(std::string_view json) {
  constexpr std::string_view kText = R"("text":"number )";
  const std::size_t at = json.find(kText);
  if (at == json.npos) return std::nullopt;  // joined, left
  return std::stoul(std::string(json.substr(at + kText.size())));
}

// The conversation of one member, who is the `which`th.
void converse(websock::WebSocketClient& client, const Plan& plan, std::size_t which, Clock::time_point start,
              Member& member) {
  const auto say_time = [&](std::size_t turn) {
    return start + Milliseconds(1000 * turn + 1000 * which / plan.clients);  // spread over the second
  };
  for (std::size_t turn = 0; member.heard.size() < plan.messages();) {
    if (turn < plan.seconds && Clock::now() >= say_time(turn)) {
      const std::string text = "number " + std::to_string(which * plan.seconds + turn++);
      client.send(to_string(JsonObject{{"type", "say"}, {"text", text}}));
    }
    const auto wait = turn < plan.seconds ? say_time(turn) - Clock::now() : Clock::duration(kLong);
    const Milliseconds patience = std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(wait));
    const std::optional<websock::OwnedMessage> message = client.receive(patience);
    if (!message && (turn == plan.seconds || client.state() != websock::State::open)) {
      throw std::runtime_error("heard nothing more after " + std::to_string(member.heard.size()) + " messages");
    }
    const std::optional<std::size_t> number = message ? number_in(message->text()) : std::nullopt;
    if (!number) continue;
    member.heard.push_back(*number);
    if (*number / plan.seconds != which) continue;
    const auto delay = Clock::now() - say_time(*number % plan.seconds);
    member.slowest = std::max(member.slowest, std::chrono::ceil<Milliseconds>(delay));
  }
}

std::vector<Member> run(const Plan& plan, std::uint16_t port) {
  std::vector<std::unique_ptr<websock::WebSocketClient>> clients;
  for (std::size_t i = 0; i < plan.clients; ++i) {
    // From an address of its own, as if a proxy had said so: from one address, not so many may speak at once.
    const websock::HeaderField address{"X-Forwarded-For", "10.0.0." + std::to_string(i % 250)};
    clients.push_back(
        std::make_unique<websock::WebSocketClient>(url_of(port), websock::ClientOptions{.headers = {address}}));
    const std::string name = "member " + std::to_string(i);
    clients.back()->connection()->send(to_string(JsonObject{{"type", "join"}, {"name", name}}));
    clients.back()->connection()->receive();  // the welcome: from here on nothing may be missed
  }
  std::vector<Member> members(plan.clients);
  std::vector<std::thread> threads;
  const Clock::time_point start = Clock::now() + Milliseconds(200);
  for (std::size_t i = 0; i < plan.clients; ++i) {
    threads.emplace_back([&, i] {
      try {
        converse(*clients[i], plan, i, start, members[i]);
      } catch (const std::exception& error) {
        members[i].fault = error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return members;
}

// How many members heard anything but what they should.
std::size_t count_faults(const Plan& plan, const std::vector<Member>& members) {
  std::vector<std::size_t> all = members[0].heard;
  std::sort(all.begin(), all.end());
  bool each_once = all.size() == plan.messages();
  for (std::size_t i = 0; each_once && i < all.size(); ++i) each_once = all[i] == i;
  std::size_t faults = each_once ? 0 : 1;
  for (const Member& member : members) {
    if (!member.fault.empty()) std::printf("a member failed: %s\n", member.fault.c_str());
    faults += !member.fault.empty() || member.heard != members[0].heard;
  }
  return faults;
}

void test(int argc, char** argv) {
  Plan plan;
  Arguments arguments("chat_load_test [OPTION]...      many in one room, and nobody misses a word");
  arguments.option("clients", "N", "in the room (200)",
                   [&](const std::string& text) { plan.clients = parse_number(text, 1, 500); });
  arguments.option("seconds", "N", "that they talk (60)",
                   [&](const std::string& text) { plan.seconds = parse_number(text, 1, 3'600); });
  arguments.parse_options(argc, argv);

  Room room({.epoch = "e1", .bot = false});
  websock::ServerOptions options;
  host_room(options, room, {.trust_proxy = true});
  Running running(options);
  const std::vector<Member> members = run(plan, running.server().port());
  const std::size_t faults = count_faults(plan, members);
  Milliseconds slowest(0);
  for (const Member& member : members) slowest = std::max(slowest, member.slowest);
  std::printf("%zu clients, %zu messages said, %zu heard; the slowest took %" PRId64 " ms; %zu faults\n", plan.clients,
              plan.messages(), plan.messages() * plan.clients, static_cast<std::int64_t>(slowest.count()), faults);
  if (faults > 0) throw std::runtime_error("not everybody heard everything once and in one order");
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("chat_load_test", [&] { test(argc, argv); });
}
