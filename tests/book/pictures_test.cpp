// A picture can be read by everybody, and shows what the code makes. Each file in walkthrough/pictures/
//
//   - is well-formed SVG, small enough to be written by hand, and needs nothing from elsewhere
//   - has a <title> and a <desc> for those who do not see it, colours for a light page and for a dark one, and a paper of
//     its own under them, so that a page of the other kind does no harm
//   - is shown by a page of the walkthrough, with a text in its place where pictures are not shown
//   - draws bytes (class="byte") only within an element with a data-is: the bytes in it, or the characters, are what our
//     code makes of the thing of that name. kMade has the names.
//
//     pictures_test ROOT [CHAPTER]...
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

#include "chapter.h"
#include "compression/deflate.h"
#include "framing/mask.h"
#include "handshake/base64.h"
#include "handshake/handshake.h"
#include "protocol/close.h"
#include "protocol/message.h"
#include "protocol/utf8.h"
#include "svg.h"
#include "wire.h"

using namespace book;
using namespace websock;

namespace {

constexpr std::size_t kMaxSize = 12000;  // bytes: what somebody can still change by hand

// The key of RFC 6455 section 5.7, and the one of its section 1.3.
constexpr MaskingKey kKey = {0x37, 0xfa, 0x21, 0x3d};
constexpr std::string_view kNonce = "dGhlIHNhbXBsZSBub25jZQ==";

std::string frame(Opcode opcode, bool fin, ByteView payload, std::optional<MaskingKey> key = {}) {
  FrameHeader header;
  header.fin = fin;
  header.opcode = opcode;
  header.masking_key = key;
  header.payload_length = payload.size();
  Bytes out;
  append_frame(out, header, payload);
  return to_hex(out);
}

Bytes deflated(std::string_view text) {
  Bytes out;
  Deflater().deflate(bytes_of(text), out);
  return out;
}

// The two frames of a compressed "Hello" that was cut after three bytes: only the first has RSV1.
std::string deflated_fragment(bool is_first) {
  const Bytes whole = deflated("Hello");
  const ByteView piece = is_first ? ByteView(whole).first(3) : ByteView(whole).subspan(3);
  FrameHeader header;
  header.fin = !is_first;
  header.opcode = is_first ? Opcode::text : Opcode::continuation;
  header.rsv = is_first ? 0b0100'0000 : 0;
  header.payload_length = piece.size();
  Bytes out;
  append_frame(out, header, piece);
  return to_hex(out);
}

std::string masked(std::string_view text, std::uint64_t offset) {
  Bytes bytes(text.begin(), text.end());
  apply_mask(bytes, kKey, offset);
  return to_hex(bytes);
}

std::string big_endian(std::uint64_t value, std::size_t size) {
  Bytes out(8);
  put_big_endian_64(out.data(), value);
  return to_hex(ByteView(out).last(size));
}

// "a0..bf": the bytes that may come after `first`.
std::string continuations(std::uint8_t first) {
  std::string range;
  std::uint8_t last = 0;
  for (std::uint8_t byte = 0xff; byte > 0; --byte) {
    Utf8Validator text;
    if (!text.feed(Bytes{first, byte})) continue;
    if (last == 0) last = byte;
    range = to_hex(Bytes{byte}) + ".." + to_hex(Bytes{last});
  }
  return range;
}

// "1000-1003, 1007-1014, ...": the codes that a Close frame may carry.
std::string traveling_codes() {
  std::string ranges;
  for (std::uint32_t code = 0, first = 0; code <= 0xffff; ++code) {
    const auto may = [](std::uint32_t number) {
      return number <= 0xffff && may_travel(CloseCode(static_cast<std::uint16_t>(number)));
    };
    if (!may(code)) continue;
    if (code == 0 || !may(code - 1)) first = code;
    if (!may(code + 1)) ranges += (ranges.empty() ? "" : ", ") + std::to_string(first) + "-" + std::to_string(code);
  }
  return ranges;
}

const std::map<std::string, std::function<std::string()>> kMade = {
    {"accept", [] { return make_accept(kNonce); }},
    {"hello", [] { return frame(Opcode::text, true, bytes_of("Hello")); }},
    {"hello-masked", [] { return frame(Opcode::text, true, bytes_of("Hello"), kKey); }},
    {"close-1000",
     [] {
       return frame(Opcode::close, true, serialize_close_body({CloseCode::normal_closure, ""}));
     }},
    {"close-1000-masked",
     [] {
       return frame(Opcode::close, true, serialize_close_body({CloseCode::normal_closure, ""}), kKey);
     }},
    {"256", [] { return big_endian(256, 2); }},
    {"480", [] { return big_endian(60 * 8, 8); }},
    {"foo", [] { return to_hex(bytes_of("foo")); }},
    {"foo-base64", [] { return base64_encode(bytes_of("foo")); }},
    {"text", [] { return to_hex(bytes_of("Hello")); }},
    {"hello-deflated", [] { return to_hex(deflated("Hello")); }},
    {"hello-deflated-1", [] { return deflated_fragment(true); }},
    {"hello-deflated-2", [] { return deflated_fragment(false); }},
    {"key", [] { return to_hex(kKey); }},
    {"payload", [] { return masked("Hello", 0); }},
    {"lo-masked", [] { return masked("lo", 3); }},
    {"lo-unmasked-wrong", [] { return masked(text_of(hex(masked("lo", 3))), 0); }},
    {"header-125", [] { return frame(Opcode::binary, true, Bytes(125)).substr(0, 3 * 2); }},
    {"header-126", [] { return frame(Opcode::binary, true, Bytes(126)).substr(0, 3 * 4); }},
    {"header-65536", [] { return frame(Opcode::binary, true, Bytes(65536)).substr(0, 3 * 10); }},
    {"caf", [] { return frame(Opcode::text, false, bytes_of("caf\xc3")); }},
    {"é", [] { return frame(Opcode::continuation, true, bytes_of("\xa9")); }},
    {"after-e0", [] { return continuations(0xe0); }},
    {"after-e1", [] { return continuations(0xe1); }},
    {"after-ed", [] { return continuations(0xed); }},
    {"after-f0", [] { return continuations(0xf0); }},
    {"after-f1", [] { return continuations(0xf1); }},
    {"after-f4", [] { return continuations(0xf4); }},
    {"hwair", [] { return is_valid_utf8("\U00010348") ? to_hex(bytes_of("\U00010348")) : ""; }},
    {"codes", traveling_codes},
};

std::string read_file(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string without_space(std::string text) {
  std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
  return text;
}

// A picture, and the faults that were found in it.
class Check {
 public:
  Check(const std::filesystem::path& file, std::set<std::string>& names)
      : name_(file.filename().string()), text_(read_file(file)), names_(names) {}

  int faults() {
    try {
      elements_ = parse_svg(text_);
    } catch (const std::runtime_error& error) {
      return complain(name_, 0, error.what());
    }
    outside();
    for (const Element& element : elements_) bytes(element);
    return faults_;
  }

 private:
  void require(bool condition, const std::string& what) {
    if (!condition) faults_ += complain(name_, 0, what);
  }

  // The text of the picture's one element `name` that stands directly in it.
  std::string text_of_the(const std::string& name) const {
    const auto found = std::find_if(elements_.begin(), elements_.end(), [&](const Element& element) {
      return element.name == name && element.inside.size() == 1;
    });
    return found == elements_.end() ? "" : trimmed(found->text);
  }

  void outside() {
    require(text_.size() <= kMaxSize, "is too large to be changed by hand");
    require(elements_[0].name == "svg" && elements_[0].attribute("xmlns") == "http://www.w3.org/2000/svg", "is no SVG");
    require(!elements_[0].attribute("viewBox").empty(), "has no viewBox");
    require(elements_[0].attribute("role") == "img", "is no role=\"img\"");
    require(!text_of_the("title").empty(), "has no <title>");
    require(text_of_the("desc").size() > 60, "has no <desc> that says in words what it shows");
    require(text_of_the("style").find("prefers-color-scheme: dark") != text_.npos, "has no colours for a dark page");
    require(text_.find("class=\"paper\"") != text_.npos, "has no paper");
    static const std::regex elsewhere(R"((href=|url\((?!#)|@import|<script|<image))");
    require(!std::regex_search(text_, elsewhere), "needs something from elsewhere");
  }

  void bytes(const Element& element) {
    const std::string is = element.attribute("data-is");
    if (!is.empty()) {
      names_.insert(is);
      const auto made = kMade.find(is);
      const std::string ours = made == kMade.end() ? "(nothing of this name)" : made->second();
      require(without_space(element.text) == without_space(ours),
              "shows " + is + " as " + element.text + "\n    code: " + ours);
    }
    if (element.attribute("class") != "byte" || !is.empty()) return;
    const bool named = std::any_of(element.inside.begin(), element.inside.end(),
                                   [&](std::size_t i) { return !elements_[i].attribute("data-is").empty(); });
    require(named, "does not say what these bytes are: " + element.text);
  }

  std::string name_;
  std::string text_;
  std::set<std::string>& names_;  // every data-is that was met
  std::vector<Element> elements_;
  int faults_ = 0;
};

// The pictures that the chapters show with a text in their place.
std::set<std::string> shown_in(const std::vector<Chapter>& chapters) {
  static const std::regex image(R"(!\[[^\]]{20,}\]\(pictures/([\w-]+\.svg)\))");
  std::set<std::string> names;
  for (const Chapter& chapter : chapters) {
    const std::string text = joined(chapter.lines, " ");
    for (std::sregex_iterator match(text.begin(), text.end(), image), end; match != end; ++match)
      names.insert((*match)[1]);
  }
  return names;
}

int check_pictures(const Arguments& arguments) {
  const std::set<std::string> shown = shown_in(arguments.chapters);
  std::set<std::string> names;
  int faults = 0;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(arguments.root / "walkthrough" / "pictures")) {
    const std::string name = entry.path().filename().string();
    if (!shown.contains(name)) faults += complain(name, 0, "no page shows it with a text in its place");
    faults += Check(entry.path(), names).faults();
    ++count;
  }
  if (count == 0) faults += complain("pictures", 0, "there is none");
  std::printf("%zu pictures, %zu things of bytes\n", count, names.size());
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_pictures); }
