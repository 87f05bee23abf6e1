// What the recorder keeps as JSON. The page that gets it knows no protocol: it intersects intervals of a stream, and
// shows sentences. For that, each object says where in the sender's stream it lies ("at", "len"):
//
//     {"e":"piece","from":"client","at":160,"len":11}     one recv brought bytes 160 to 170
//     {"e":"frame","from":"client","at":160,"head":6,"len":5}     a frame is bytes 160 to 170
//
// All that a peer has chosen reaches a page as visible text (visible.h), or as hex.
#include "event_json.h"

#include "visible.h"

using namespace websock;

std::string side_of(Role role) { return role == Role::client ? "client" : "server"; }

// The fields in the order in which the page lists them.
JsonArray array_of(const std::vector<Field>& fields) {
  JsonArray array;
  for (const Field& field : fields) array.push_back(json_of(field));
  return array;
}

namespace {

// ---- What is recorded ----

// What a system call moved. No bytes: they come in a BytesHeard, or as a head with its secrets hidden.
Objects objects_of(const Piece& piece, const View&) {
  return {
      {{"e", "piece"}, {"from", side_of(piece.sender)}, {"call", piece.call}, {"at", piece.at}, {"len", piece.size}}};
}
// The tag came in a URL, so it may be anything.
Objects objects_of(const Tagged& tagged, const View&) { return {{{"e", "tag"}, {"tag", visible_bytes(tagged.tag)}}}; }

// What one event has made, each with its connection and its time: the page takes objects one by one.
Json together(Objects objects, std::uint64_t connection, double time) {
  JsonArray array;
  for (JsonObject& object : objects) {
    object.push_back({"c", connection});
    object.push_back(
        {"t", static_cast<double>(static_cast<std::int64_t>(time * 10)) / 10});  // a tenth of a millisecond
    array.push_back(std::move(object));
  }
  return array;
}

// These two are of the recorder, and not of a conversation: they have no time.
Json json(const Introduction& made) {
  return JsonArray{JsonObject{
      {"e", "open"}, {"c", made.connection}, {"own", made.own}, {"peer", visible_bytes(made.peer)}, {"to", made.to}}};
}
Json json(const Gap& gap) {
  return JsonArray{JsonObject{{"e", "gap"},
                              {"c", gap.connection},
                              {"frames", gap.lost.frames},
                              {"bytes", gap.lost.bytes},
                              {"entries", gap.lost.entries}}};
}

}  // namespace

// On the thread that tells the watchers, without the recorder's lock: an entry never changes once it is recorded.
Json json_of(const Item& item, bool own) {
  if (const Introduction* made = std::get_if<Introduction>(&item)) return json(*made);
  if (const Gap* gap = std::get_if<Gap>(&item)) return json(*gap);
  const Entry& entry = *std::get<std::shared_ptr<const Entry>>(item);
  const View view = {own};
  // One overload of objects_of for each kind of entry. One that is missing does not compile.
  return together(std::visit([&](const auto& what) { return objects_of(what, view); }, entry.what), entry.connection,
                  entry.time);
}

Json json_of(const Field& field) {
  return JsonObject{{"id", field.id},     {"at", field.at},     {"len", field.size},
                    {"kind", field.kind}, {"name", field.name}, {"value", field.value},
                    {"say", field.say},   {"rule", field.rule}, {"chapter", field.chapter}};
}
