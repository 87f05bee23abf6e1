// Events as lines to be printed: what the tap shows.
#pragma once

#include <string>
#include <vector>

#include "heard.h"

struct Line {
  websock::Role sender = websock::Role::client;
  bool fault = false;
  std::string text;
};

// The lines of one event, which depend on nothing else; none for what a terminal need not show.
std::vector<Line> lines_of(const Heard& heard);

// The lines of several, in their order.
std::vector<Line> lines_of(const std::vector<Heard>& all);
