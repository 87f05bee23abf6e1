// What every program of ours does with its arguments, and with bytes that a peer would like to have on somebody's terminal.
#include <sys/wait.h>

#include "check.h"
#include "common/arguments.h"
#include "common/printable.h"
#include "endpoints/server_fixture.h"
#include "program.h"

using namespace websock;

namespace {

struct Ended {
  std::string output;  // both streams
  int status = 0;
};

Ended run(const std::string& command) {
  Ended ended;
  FILE* pipe = ::popen((std::string("cd " WEBSOCK_BIN " && ") + command + " 2>&1").c_str(), "r");
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) ended.output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

// The options that `arguments` sets, and the rest, one to a line.
std::string parsed(std::vector<std::string> words) {
  std::string result;
  Arguments arguments("program");
  arguments.flag("flag", "", [&] { result += "flag\n"; });
  arguments.option("name", "NAME", "", [&](const std::string& text) { result += "name " + text + "\n"; });
  arguments.option_or_empty("where", "HOST", "", [&](const std::string& text) { result += "where is " + text + "\n"; });
  std::vector<char*> argv = {nullptr};
  for (std::string& word : words) argv.push_back(word.data());
  try {
    for (const std::string& rest : arguments.parse(static_cast<int>(argv.size()), argv.data())) result += rest + "\n";
  } catch (const BadArgument& error) {
    result += error.what();
  }
  return result;
}

const std::vector<std::string> kPrograms = {"by_hand",     "onopen",         "unmasked",       "correct_echo",
                                            "everybody",   "naive_room",     "freeze",         "poison",
                                            "poke",        "test_that_lied", "vanished_close", "tap",
                                            "echo_server", "echo_client",    "chat_server",    "chat_client"};

}  // namespace

TEST("own-command-line-01 an option's value stands behind it, or behind =; behind -- there are no options") {
  CHECK_EQ(parsed({"--flag", "--name", "Ada", "text"}), "flag\nname Ada\ntext\n");
  CHECK_EQ(parsed({"--name=Ada"}), "name Ada\n");
  CHECK_EQ(parsed({"--name=a=b"}), "name a=b\n");
  CHECK_EQ(parsed({"--", "--flag", "-h", "--"}), "--flag\n-h\n--\n");
  CHECK_EQ(parsed({"-"}), "-\n");
}

TEST("own-command-line-02 what is not understood is one sentence") {
  CHECK_EQ(parsed({"--nmae", "Ada"}), "there is no option --nmae; try --help");
  CHECK_EQ(parsed({"-n", "Ada"}), "there is no option -n; try --help");
  CHECK_EQ(parsed({"--name"}), "--name needs a value, NAME");
  CHECK_EQ(parsed({"--name", ""}), "--name needs a value, NAME");
  CHECK_EQ(parsed({"--name="}), "--name needs a value, NAME");
  CHECK_EQ(parsed({"--flag=yes"}), "--flag takes no value");
  CHECK_EQ(parsed({"--where", ""}), "where is \n");
  CHECK_EQ(parsed({"--where="}), "where is \n");
  CHECK_EQ(parsed({"--where"}), "--where needs a value, HOST");
}

TEST("own-command-line-03 every program knows -h, --help and --version") {
  for (const std::string& program : kPrograms) {
    for (const char* option : {" -h", " --help"}) {
      const Ended help = run("./" + program + option);
      CHECK_EQ(help.status, 0);
      CHECK_EQ(help.output.substr(0, 7 + program.size() + 1), "usage: " + program + " ");
    }
    const Ended version = run("./" + program + " --version");
    CHECK_EQ(version.status, 0);
    CHECK_EQ(version.output, program + " of websock " WEBSOCK_VERSION "\n");
  }
}

TEST(
    "own-command-line-04 every program ends with 2 and a sentence that begins with its name if it does not "
    "understand") {
  for (const std::string& program : kPrograms) {
    const Ended ended = run("./" + program + " --nonsense");
    CHECK_EQ(ended.status, 2);
    CHECK_EQ(ended.output, program + ": there is no option --nonsense; try --help\n");
  }
  for (const char* program : {"by_hand", "onopen", "everybody", "echo_server", "vanished_close"}) {
    CHECK_EQ(run(std::string("./") + program + " --port 65536").output,
             std::string(program) + ": --port: not a number from 0 to 65535\n");
  }
  CHECK_EQ(run("./chat_server --name ''").output, "chat_server: --name needs a value, ROOM\n");
  CHECK_EQ(run("./chat_server --name caf\xe9").output, "chat_server: --name: not UTF-8\n");
  CHECK_EQ(run("./chat_server --server caf\xe9").output, "chat_server: --server: not UTF-8\n");
}

TEST("own-command-line-05 a port that is taken: a sentence with the program and the port, and 1") {
  const DeafPort taken;
  const std::string port = std::to_string(taken.port);
  for (const char* program : {"by_hand", "onopen", "correct_echo", "naive_room"}) {
    const Ended ended = run(std::string("./") + program + " --port=" + port);
    CHECK_EQ(ended.status, 1);
    CHECK_EQ(ended.output,
             std::string(program) + ": cannot listen on 127.0.0.1:" + port + ": Address already in use\n");
  }
  for (const char* program : {"everybody", "echo_server", "chat_server"}) {
    const Ended ended = run(std::string("./") + program + " --port=" + port);
    CHECK_EQ(ended.status, 1);
    CHECK(ended.output.starts_with(std::string(program) + ": "));
    CHECK(ended.output.find(port) != std::string::npos);
    CHECK(ended.output.ends_with(": Address already in use\n"));
  }
}

TEST("own-command-line-06 `listening on` names a URL that one can open") {
  for (const std::string host : {"127.0.0.1", "localhost", "0.0.0.0", ""}) {
    Process server({WEBSOCK_BIN "echo_server", "--port=0", "--host=" + host}, "/dev/null");
    const std::string line = server.read_line();
    const std::string url = line.substr(0, line.find(' ', 13)).substr(13);
    CHECK(url.starts_with(host == "127.0.0.1" ? "ws://127.0.0.1:" : "ws://localhost:"));
    const Ended client = run("./echo_client " + url + " Hello");
    CHECK_EQ(client.status, 0);
    CHECK_EQ(client.output, "connected to " + url + "\n> Hello\n< Hello\nclosed with 1000 (normal closure)\n");
  }
}

TEST("own-command-line-09 --host \"\" is all addresses of this machine, of both families") {
  Process server({WEBSOCK_BIN "echo_server", "--port=0", "--host", ""}, "/dev/null");
  const std::string line = server.read_line();
  const std::string port = line.substr(line.rfind(':') + 1, line.find('/', line.rfind(':')) - line.rfind(':') - 1);
  std::vector<std::string> hosts = {"127.0.0.1", "[::1]"};
  if (listen_on_all("", 0).size() == 1) hosts.pop_back();  // a machine without IPv6
  for (const std::string& host : hosts) {
    const std::string url = "ws://" + host + ":" + port + "/";
    CHECK_EQ(run("./echo_client " + url + " Hello").output,
             "connected to " + url + "\n> Hello\n< Hello\nclosed with 1000 (normal closure)\n");
  }
}

TEST("own-command-line-07 echo_server --verbose: who comes, what is said, who goes") {
  Process server({WEBSOCK_BIN "echo_server", "--port=0", "--verbose"}, "/dev/null");
  const std::string url = server.read_line().substr(13);
  CHECK_EQ(run("./echo_client " + url + " 'Hello \x1b[2J'").status, 0);
  const std::string connected = server.read_line();
  const std::string peer = connected.substr(0, connected.find(' ') + 1);
  CHECK(peer.starts_with("127.0.0.1:"));
  CHECK_EQ(connected, peer + "connected");
  CHECK_EQ(server.read_line(), peer + "text, 10 bytes: Hello .[2J");
  CHECK_EQ(server.read_line(), peer + "closed with 1000 (normal closure)");
}

TEST("own-command-line-08 a test program knows --help, and refuses an option that it does not know") {
  CHECK_EQ(run("./command_line_test --help").status, 0);
  CHECK_EQ(run("./command_line_test --nonsense").status, 2);
  CHECK_EQ(run("./command_line_test 9.9-99").status, 1);
}

TEST("own-terminal-01 characters are shown, and what a terminal would obey is not") {
  CHECK_EQ(printable("Hello, w\xC3\xB6rld \xE2\x82\xAC \xF0\x90\x8D\x88"),
           "Hello, w\xC3\xB6rld \xE2\x82\xAC \xF0\x90\x8D\x88");
  CHECK_EQ(printable("\x1b[2J\x1b]0;title\x07"), ".[2J.]0;title.");
  CHECK_EQ(printable(std::string("\0\t\r\n\x7f", 5)), ".....");
  CHECK_EQ(printable("a\xC2\x9B"
                     "31mb"),
           "a.31mb");  // U+009B is ESC [ in one
  CHECK_EQ(printable("\xE2\x80\xAE"
                     "txt.exe"),
           ".txt.exe");                                                // U+202E turns the direction
  CHECK_EQ(printable("\xE2\x80\x8B|\xEF\xBB\xBF|\xC2\xAD"), ".|.|.");  // nothing to be seen
  CHECK_EQ(printable("\xF3\xA0\x81\xA1"), ".");                        // U+E0061, a tag
}

TEST("own-terminal-02 each byte that is no UTF-8 is a dot") {
  CHECK_EQ(printable("\x81\x02hi"), "..hi");
  CHECK_EQ(printable("\xC0\x80"), "..");       // overlong
  CHECK_EQ(printable("\xED\xA0\x80"), "...");  // half a surrogate pair
  CHECK_EQ(printable("\xE2\x82"), "..");       // cut short
  CHECK_EQ(printable("\xE2\x82 \xFF"), ".. .");
  CHECK_EQ(printable(""), "");
}

TEST("own-terminal-03 a hostile server's escape sequences do not reach the terminal of echo_client") {
  Journal journal;
  Running running(with_journal(
      {.on_data_receive = [](const Client& client, const Message&) { client->send("\x1b[2J\x1b]0;mine\x07"); }},
      journal));
  const std::string url = url_of(running.server().port());
  CHECK_EQ(run("./echo_client " + url + " Hello").output,
           "connected to " + url + "\n> Hello\n< .[2J.]0;mine.\nclosed with 1000 (normal closure)\n");
}

TEST("own-terminal-04 echo_client tells what a server that refuses says, in characters that only show") {
  Journal journal;
  const HandshakeDecision no{.refusal = make_text_response(403, "Members only.\x1b[2J")};
  Running running(with_journal({.on_handshake = [&no](const Request&) { return no; }}, journal));
  const Ended ended = run("./echo_client " + url_of(running.server().port()) + " Hello");
  CHECK_EQ(ended.status, 1);
  CHECK_EQ(ended.output, "echo_client: the server answered 403, not 101: Members only..[2J\n");
}
