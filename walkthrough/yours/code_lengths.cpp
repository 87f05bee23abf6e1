// A dynamic block's head, yours: two rows of lengths become one, its runs become repeats, and those get a code of
// their own (RFC 1951 section 3.2.7).
//
//     contract    src/compression/code_lengths.h
//     chapter     walkthrough/20-deflate.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/code_lengths.cpp
//                 cmake --build mine --target code_lengths_test && ./mine/bin/code_lengths_test
#include "compression/code_lengths.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

CodeLengthWriter::CodeLengthWriter(CodeLengths literals, CodeLengths distances)
    : literal_count_(literals.size()), distance_count_(distances.size()) {}

std::size_t CodeLengthWriter::bits() const { return 0; }

void CodeLengthWriter::write(BitWriter& out) const {}

}  // namespace websock
