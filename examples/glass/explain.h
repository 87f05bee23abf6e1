// What each byte says: names, values, and the sentences that glass shows beside them, with the section of RFC 6455 and
// the chapter that tell more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tap/heard.h"

// Where a connection is looked at: the other end is a browser, on one's own connection, or any client, in the relay.
struct View {
  bool own = true;
  std::string name_of(websock::Role role) const {
    return role == websock::Role::server ? "server" : own ? "browser" : "client";
  }
};

struct Field {
  std::string id;      // links a byte, its bits, its name and its sentence
  std::size_t at = 0;  // in the frame, or in the head
  std::uint64_t size = 0;
  std::string kind;  // how it is drawn: flags, length, key, masked, plain
  std::string name;
  std::string value;
  std::string say;
  std::string rule;     // a section of RFC 6455; empty: it is not the RFC's
  std::string chapter;  // "06-frame"; the book's file without its ending
};

// Some bits of one byte, and the field that they are.
struct Bits {
  std::string field;
  std::string name;
  std::string digits;
};

// A frame's header as it stands there, whether it keeps the rules or not.
struct Anatomy {
  bool fin = false;
  std::uint8_t rsv = 0;     // 0 to 7
  std::uint8_t opcode = 0;  // 0 to 15
  bool masked = false;
  std::uint8_t short_length = 0;  // seven bits
  std::uint64_t length = 0;       // of the payload
  websock::Bytes key;
  std::size_t size = 0;  // of the header

  std::string opcode_name() const;  // "text", "reserved"
  std::string label() const;        // "text, fin, masked"
};
std::optional<Anatomy> dissect(websock::ByteView bytes);

std::string title_of(const Anatomy& frame, websock::Role sender, const View& view);
std::vector<Field> fields_of(const Anatomy& frame, websock::Role sender, const View& view);
std::vector<std::vector<Bits>> bits_of(const Anatomy& frame);  // of the first two bytes

// A line of a head, as it may be shown.
struct HeadLine {
  std::size_t at = 0;    // in the head
  std::size_t size = 0;  // with its CR LF
  std::string text;
  std::string field;  // what explains it; empty: nothing does
};

// A head, with its secrets hidden: the values of cookies, of authorizations, and of a query's parameters.
struct HeadView {
  std::string title;
  std::vector<HeadLine> lines;
  std::vector<Field> fields;
};
HeadView view_of(const HeadHeard& head, websock::Role sender, const View& view);

// How a key becomes an accept value, a step each; the last compares. Empty: the request has no key.
std::vector<Field> accept_steps(const AcceptHeard& heard, const View& view);

// The code and the reason of a Close, at byte `payload_at` of their frame.
std::vector<Field> fields_of(const websock::CloseBody& body, std::size_t payload_at);

// What broken rule that is, and whose.
Field rule_of(const std::string& why, websock::Role sender, const View& view);
