// What glass tells a page: each item of the recorder as JSON.
#pragma once

#include "chat/json.h"
#include "explain.h"
#include "recorder.h"

// `own`: whether the item's connection is one to the specimen. Returns an array of objects; {"e": ...} says what each
// is. Depends on nothing else.
Json json_of(const Item& item, bool own);

// ---- The parts ----

using Objects = std::vector<JsonObject>;  // what one event makes: mostly one, of a broken frame three
Objects objects_of(const Heard& heard, const View& view);

JsonObject message_json(const MessageHeard& heard, websock::Role sender);
Json json_of(const Field& field);
JsonArray array_of(const std::vector<Field>& fields);
std::string side_of(websock::Role role);  // "client"
