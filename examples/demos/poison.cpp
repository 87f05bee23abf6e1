// Why masks exist. A page of the attacker's, in your browser, sends a message to the attacker's server. Between them is
// a proxy of the kind that one does not know of: it does not know WebSocket either, took the handshake for an ordinary
// request, and looks for the next one in whatever follows. It finds one: the message.
//
// The proxy asks whom the connection leads to, the attacker, and believes the name that the request claims. That was
// the flaw of real ones: Huang and others, "Talking to Yourself for Fun and Profit", 2011.
#include <cstdio>
#include <map>
#include <string>

#include <websock/protocol/message.h>

#include "common/arguments.h"
#include "common/printable.h"

using namespace websock;

namespace {

// What every page loads from the library's site; and a message that asks for it, to the byte. The CR LF in front ends
// whatever line the proxy believes to be in: a frame's header has none.
const std::string kVictim = "http://cdn.example/library.js";
const std::string kMessage = "\r\nGET /library.js HTTP/1.1\r\nHost: cdn.example\r\n\r\n";

// What the attacker's server answers, whatever it is asked.
std::string attacker(const std::string&) { return "alert('I am in every page that uses the library')"; }

class CachingProxy {
 public:
  // A piece of what a client sends to the attacker's address.
  void hear(const std::string& bytes) {
    const std::string target = between(bytes, "GET ", " HTTP/1.1\r\n");
    const std::string host = between(bytes, "\r\nHost: ", "\r\n\r\n");
    // Masked, there is neither: to write "GET " the page would have to know the key.
    if (target.empty() || host.empty()) {
      std::printf("    the proxy: that is no request\n");
      return;
    }
    // The flaw: the name is the client's claim, and the answer is that of the address it is connected to.
    const std::string url = "http://" + host + target;
    std::printf("    the proxy: a request for %s, whose answer I keep\n", url.c_str());
    cache_[url] = attacker(url);
  }

  // What the next one gets who asks for it.
  std::string get(const std::string& url) { return cache_.contains(url) ? cache_[url] : "the library"; }

 private:
  // The text between two others; "" if they are not there. A real proxy parses; what it looks for is the same.
  static std::string between(const std::string& text, const std::string& before, const std::string& behind) {
    const std::size_t begin = text.find(before);
    const std::size_t end = text.find(behind, begin);
    if (begin == text.npos || end == text.npos) return "";
    return text.substr(begin + before.size(), end - begin - before.size());
  }

  std::map<std::string, std::string> cache_;
};

void send_through_proxy(const FrameHeader& header) {
  Bytes frame;
  append_frame(frame, header, bytes_of(kMessage));
  std::printf("%s, on its way:\n    %s\n", to_string(header).c_str(), printable(text_of(frame)).c_str());
  // A new one for each frame: the second must not profit from what the first has left.
  CachingProxy proxy;
  proxy.hear(std::string(text_of(frame)));
  std::printf("    and who asks for %s gets: %s\n", kVictim.c_str(), proxy.get(kVictim).c_str());
}

// The same message twice: as a browser without masks would send it, and as browsers do.
void show() {
  FrameHeader header;
  header.opcode = Opcode::text;
  header.payload_length = kMessage.size();
  send_through_proxy(header);
  header.masking_key = {0x37, 0xfa, 0x21, 0x3d};  // the browser's choice, which the page cannot know
  send_through_proxy(header);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("poison", [&] {
    Arguments("poison      why masks exist").parse_options(argc, argv);
    show();
  });
}
