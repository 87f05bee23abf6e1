// The fast decoder, yours: the pieces and the blocks of it. A step is done wholly or not at all. The members that the
// header declares remember enough; what is inside a block, read_code_counts() and the functions after it, is ours in
// src/compression/inflate_symbols.cpp until you write that, too.
//
//     contract    src/compression/inflate.h
//     chapter     walkthrough/19-inflate.md
//     faults      the tests want the sentences that are in tests/compression/inflated.h
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/inflate.cpp
//                 cmake --build mine --target inflate_test && ./mine/bin/inflate_test
#include "compression/inflate.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

Inflater::Inflater(int window_bits) : window_(std::size_t{1} << window_bits) {}

// ---- In and out ----

void Inflater::add(ByteView piece, const Output& output) { throw std::logic_error("not written yet"); }

void Inflater::end_message(const Output& output) { throw std::logic_error("not written yet"); }

void Inflater::forget() {}

void Inflater::release_memory() {}

// ---- What inflate_symbols.cpp needs ----

void Inflater::make_room(const Output& output) {}

void Inflater::block_ends(BitReader& bits) {}

}  // namespace websock
