// What one can do as the server: things that are right, and things that are wrong. An act is nothing but bytes, so it
// can break any rule there is.
#pragma once

#include <vector>

#include <websock/bytes.h>
#include <websock/transport/deadline.h>

#include "chat/json.h"

struct Step {
  websock::Milliseconds pause = websock::Milliseconds(0);  // before it
  websock::Bytes bytes = {};                               // in one send
  bool drops_tcp = false;                                  // then a reset
};

// What Chromium was seen to do about it.
struct Reaction {
  const char* console = "";  // says there; empty: nothing
  const char* to_server = "";
  const char* to_page = "";
};

struct Act {
  const char* id;
  const char* name;
  const char* group;  // "right", "wrong" or "long"
  std::vector<Step> steps;
  Reaction reaction;
};

const std::vector<Act>& acts();
const Act* find_act(std::string_view id);

// All of them, for the page: with their bytes, and what kind each byte is of.
Json acts_json();
