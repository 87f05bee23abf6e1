// A conversation for glass to look at, and what it tells of one.
#pragma once

#include <string>
#include <vector>

#include "endpoints/server_fixture.h"
#include "glass/event_json.h"
#include "glass/tape.h"

// What one side says, in one piece.
struct Said {
  websock::Role sender;
  websock::Bytes bytes;
};

inline websock::Bytes plain(std::string_view text) { return websock::Bytes() + websock::bytes_of(text); }

inline constexpr const char* kDeflates = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

// All that a page is told of a conversation, a line an object. Times are left out: they are different each time.
inline std::string told(const std::vector<Said>& all, bool own = true) {
  Recorder recorder;
  Tape tape(recorder, own, "127.0.0.1:51514", "");
  for (const Said& said : all)
    tape.pass(said.sender, said.sender == websock::Role::client ? "recv" : "send", said.bytes);
  tape.end(websock::Role::server, false);
  tape.end(websock::Role::client, false);
  Cursor cursor;
  std::string lines;
  for (const Item& item : recorder.next(cursor, 1000)) {
    const Json objects = json_of(item, own);
    for (const Json& object : objects.array()) {
      JsonObject without_time = object.object();
      std::erase_if(without_time, [](const auto& member) { return member.first == "t"; });
      lines += to_string(Json(without_time)) + "\n";
    }
  }
  return lines;
}

// The objects of one kind, {"e": kind}.
inline std::vector<Json> objects_in(const std::string& lines, std::string_view kind) {
  std::vector<Json> found;
  for (std::size_t at = 0, end; (end = lines.find('\n', at)) != lines.npos; at = end + 1) {
    Json object = parse_json(std::string_view(lines).substr(at, end - at));
    if (object["e"] == Json(kind)) found.push_back(std::move(object));
  }
  return found;
}

// The RFC's own handshake, with `lines` besides in the response, and behind it what a side says.
inline std::vector<Said> behind_handshake(std::vector<Said> more, std::string_view lines = "") {
  std::string accepted(kAccepted);
  accepted.insert(accepted.size() - 2, lines);
  std::vector<Said> all = {{websock::Role::client, plain(kRequest)}, {websock::Role::server, plain(accepted)}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
