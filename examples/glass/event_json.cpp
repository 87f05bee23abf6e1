// What the recorder keeps as JSON. The page that gets it knows no protocol: it intersects intervals of a stream, and
// shows sentences.
#include "event_json.h"

#include "visible.h"

using namespace websock;

std::string side_of(Role role) { return role == Role::client ? "client" : "server"; }

JsonArray array_of(const std::vector<Field>& fields) {
  JsonArray array;
  for (const Field& field : fields) array.push_back(json_of(field));
  return array;
}

namespace {

// ---- What is recorded ----

Objects objects_of(const Piece& piece, const View&) {
  return {
      {{"e", "piece"}, {"from", side_of(piece.sender)}, {"call", piece.call}, {"at", piece.at}, {"len", piece.size}}};
}
Objects objects_of(const Tagged& tagged, const View&) { return {{{"e", "tag"}, {"tag", visible_bytes(tagged.tag)}}}; }

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

Json json_of(const Item& item, bool own) {
  if (const Introduction* made = std::get_if<Introduction>(&item)) return json(*made);
  if (const Gap* gap = std::get_if<Gap>(&item)) return json(*gap);
  const Entry& entry = *std::get<std::shared_ptr<const Entry>>(item);
  const View view = {own};
  return together(std::visit([&](const auto& what) { return objects_of(what, view); }, entry.what), entry.connection,
                  entry.time);
}

Json json_of(const Field& field) {
  return JsonObject{{"id", field.id},     {"at", field.at},     {"len", field.size},
                    {"kind", field.kind}, {"name", field.name}, {"value", field.value},
                    {"say", field.say},   {"rule", field.rule}, {"chapter", field.chapter}};
}
