// How cost grows: trials over more and more clients and longer and longer messages, as plots.
#pragma once

#include <string>

#include "trial.h"

// Writes growth-clients.svg, growth-payload.svg and growth-memory.svg into `directory`, which has to exist.
// `conditions` says how long and how often; clients, payload and messages in flight are varied. `few`: only so many
// trials as it takes to see that it works.
void write_plots(Conditions conditions, const std::string& directory, bool few);
