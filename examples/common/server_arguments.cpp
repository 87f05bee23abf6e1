// Each limit that a server has can be set on the command line: so a reader can try one out, and see a connection end by
// it, without building anything. The numbers in brackets are the defaults of Limits.
#include "server_arguments.h"

#include <cmath>
#include <cstdio>

#include "deflate_arguments.h"
#include "printable.h"

namespace {

// "2.5" is 2500 ms. Seconds, since that is how one thinks of a limit; a library that took seconds could not tell a test
// to wait for 20 ms.
websock::Milliseconds parse_seconds(const std::string& text) {
  std::size_t used = 0;
  double seconds = -1;
  try {
    seconds = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;  // and so not the whole text
  }
  // Negated as a whole, for "nan": std::stod() reads it, and every comparison with it is false. 1e6 seconds are eleven
  // days; without some such end a huge number would not fit into Milliseconds, and to convert it would be undefined.
  if (used != text.size() || text.empty() || !(seconds >= 0 && seconds <= 1e6))
    throw BadArgument("not a number of seconds");
  return websock::Milliseconds(std::llround(seconds * 1000));
}

// `size`, and `time` below, are the member of Limits that the option sets: it holds the default until then. 0 is
// allowed: in all of the Limits it means none.
void add_size(Arguments& arguments, const char* name, const char* value, const char* help, std::size_t& size) {
  arguments.option(name, value, help, [&size](const std::string& text) { size = parse_number(text, 0, SIZE_MAX); });
}

// Likewise; what may not be 0 is for the server to refuse, which knows why.
void add_time(Arguments& arguments, const char* name, const char* help, websock::Milliseconds& time) {
  arguments.option(name, "SECONDS", help, [&time](const std::string& text) { time = parse_seconds(text); });
}

// For a debugger: while one stands at a breakpoint the clock goes on, and each of these limits would end the connection
// that one is looking at. The browser has limits of its own, which nobody can switch off from here.
void switch_timeouts_off(websock::Limits& limits) {
  const websock::Milliseconds off(0);
  limits.handshake_timeout = limits.message_timeout = limits.ping_interval = limits.pong_timeout = limits.outbox_stall =
      off;
  limits.close_timeout = websock::Milliseconds(24 * 3'600'000);  // may not be off; a day is long enough to step through
}

}  // namespace

// References into `options`: a setter writes where the server will read, and nothing has to be copied afterwards.
void add_server_arguments(Arguments& arguments, websock::ServerOptions& options) {
  websock::Limits& limits = options.limits;
  arguments.option_or_empty("host", "HOST", "where to listen: a name or an address; \"\": everywhere (127.0.0.1)",
                            [&options](const std::string& text) { options.host = text; });
  arguments.port_option("0: a free one (8467)", options.port);
  add_size(arguments, "max-head", "BYTES", "of an opening request's head (16384)", limits.max_head);
  add_time(arguments, "handshake-timeout", "for the opening handshake (10)", limits.handshake_timeout);
  add_size(arguments, "max-message", "BYTES", "of one message (16777216)", limits.max_message);
  add_time(arguments, "message-timeout", "from a message's first byte to its last (0)", limits.message_timeout);
  add_size(arguments, "max-frame-payload", "BYTES", "of one frame that is sent (0)", limits.max_frame_payload);
  add_size(arguments, "max-connections", "N", "at once (1000)", limits.max_connections);
  add_time(arguments, "ping-interval", "of silence until we ask (30)", limits.ping_interval);
  add_time(arguments, "pong-timeout", "more of it until we give up (30)", limits.pong_timeout);
  add_time(arguments, "close-timeout", "for the closing handshake, above 0 (5)", limits.close_timeout);
  add_size(arguments, "max-outbox", "BYTES", "waiting for a peer that does not read (16777216)", limits.max_outbox);
  add_time(arguments, "outbox-stall", "without progress of those (30)", limits.outbox_stall);
  add_deflate_arguments(arguments, options.extensions);
  arguments.flag("no-timeouts", "no limit on time at all: for the debugger",
                 [&limits] { switch_timeouts_off(limits); });
}

// printable(): an error may repeat what a client has sent, such as a header. On standard error, so that it does not mix
// with what a program has to say on standard output.
void print_error(const websock::Error& error) {
  std::fprintf(stderr, "%s: %s\n", to_string(error.kind).c_str(), printable(error.text).c_str());
}

// The port is the server's own, and not what the option said: that may have been 0.
void print_address(const char* scheme, const std::string& host, std::uint16_t port) {
  // A browser can open localhost, and not 0.0.0.0. An IPv6 address needs its brackets in a URL.
  const bool on_all_addresses = host == "0.0.0.0" || host == "::" || host.empty();
  const bool is_ipv6 = host.find(':') != std::string::npos;
  const std::string name = on_all_addresses ? "localhost" : is_ipv6 ? "[" + host + "]" : host;
  std::printf("listening on %s://%s:%d/%s\n", scheme, name.c_str(), port,
              on_all_addresses ? " and on every other address of this machine" : "");
  std::fflush(stdout);  // whoever has started us may read this through a pipe, to learn the port
}
