// Strict: what is taken for an entry has all that the fold makes use of. A "joined" without an owner, say, would be a
// member at every server, and of none, and nobody could ever say that it left.
#include "redis_entry.h"

#include "json.h"
#include "room_state.h"

namespace {

// Throws JsonError for what is no entry.
Entry parse_entry(const std::string& text) {
  const Json json = parse_json(text);
  const auto optional = [&](const char* name) { return json[name].is_null() ? std::string() : json[name].text(); };
  Entry entry{
      .type = json["type"].text(), .name = json["name"].text(), .text = optional("text"), .time = optional("time")};
  if (!json["owner"].is_null()) entry.owner = parse_member(json["owner"].text()).owner;
  return entry;
}

// What each kind of entry cannot do without. Throws JsonError.
void check_entry(const Entry& entry) {
  const auto require = [](bool is_there, const char* what) {
    if (!is_there) throw JsonError(what);
  };
  require(!entry.name.empty(), "there is no name");
  // The id says whether it is numbered, and so does the type. History counts by the one, and holds the other.
  require(entry.is_numbered() == (entry.at.sub == 0), "its number does not go with its type");
  if (entry.is_numbered() || entry.type == "renamed") return require(!entry.text.empty(), "there is no text");
  // 0: no client's number, see Room::connect().
  if (entry.type == "joined" || entry.type == "moved") return require(entry.owner.client != 0, "there is no owner");
  require(entry.type == "left", "its type is unknown");
}

// What stands for it. The time is none of ours: every server has to say the same.
Entry make_unreadable(Position at) {
  if (at.sub != 0) return {.type = "unreadable", .name = "", .at = at};
  return {.type = "action",
          .name = "Somebody",
          .text = "said something that cannot be read.",
          .time = "1970-01-01T00:00:00Z",
          .at = at};
}

}  // namespace

std::string serialize_entry(const Entry& entry) {
  JsonObject object = {{"type", entry.type}, {"name", entry.name}};
  if (!entry.text.empty()) object.push_back({"text", entry.text});
  if (!entry.time.empty()) object.push_back({"time", entry.time});
  if (entry.owner.client != 0) object.push_back({"owner", to_string(Member{"", entry.owner})});
  return to_string(Json(std::move(object)));
}

ReadEntry read_entry(const Reply& element) {
  const Position at = parse_position(element[0].as_text());
  std::string fault;
  try {
    // The fields are names and values in turn. Ours have one; of another's, the first value will hardly be an entry.
    Entry entry = parse_entry(element[1][1].as_text());
    entry.at = at;
    check_entry(entry);
    return {std::move(entry)};
  } catch (const JsonError& error) {
    fault = error.what();
  } catch (const RedisError& error) {
    fault = error.what();
  }
  return {make_unreadable(at), "the log's entry " + to_string(at) + " cannot be read: " + fault};
}
