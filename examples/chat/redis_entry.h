// An entry of the log, as it stands in Redis' stream:
//
//     id 7-0    e    {"type":"message","name":"Ada","text":"Hello","time":"2026-01-31T09:26:53Z"}
//     id 7-1    e    {"type":"joined","name":"Bob","owner":"one-GULHdgOl 1 t8UIe8fI1BP6 "}
//
// The id is its position, and nobody but Redis can get that wrong. What stands behind it, anybody may have written who
// can reach Redis: a newer server, or a person with redis-cli.
#pragma once

#include <string>

#include "log.h"
#include "redis_reply.h"

// The value of the field e.
std::string serialize_entry(const Entry& entry);

struct ReadEntry {
  Entry entry;
  std::string fault = {};  // why it cannot be read; empty: it can
};

// One element of a stream. What cannot be read becomes an entry all the same, by its id alone, and so the same one at
// every server: it has its place in the order, and whoever left it out would miss it for ever. Between two messages it
// says nothing (its type is "unreadable"); in the place of a message it is a message that says so. Throws RedisError if
// there is not so much as an id.
ReadEntry read_entry(const Reply& element);
