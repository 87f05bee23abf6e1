// The fast decoder, yours: what is inside a block. Each function reads what it needs, asks at the end whether all of
// it had arrived, and if not leaves everything as it was.
//
//     contract    src/compression/inflate.h
//     chapter     walkthrough/19-inflate.md
//     faults      the tests want the sentences that are in tests/compression/inflated.h
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/inflate_symbols.cpp
//                 cmake --build mine --target inflate_test && ./mine/bin/inflate_test
#include "compression/inflate.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

// ---- Dynamic blocks: RFC 1951 section 3.2.7 ----

bool Inflater::read_code_counts(BitReader& bits) { return false; }

bool Inflater::read_code_lengths(BitReader& bits) { return false; }

// ---- Symbols: section 3.2.5 ----

bool Inflater::read_symbols(BitReader& bits, const Output& output) { return false; }

}  // namespace websock
