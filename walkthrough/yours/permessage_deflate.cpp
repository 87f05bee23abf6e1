// permessage-deflate, yours: RFC 7692 section 7.1, four parameters in two roles, and the functions of an
// AgreedExtension, which have a Deflater and an Inflater between them.
//
//     contract    src/compression/permessage_deflate.h
//     chapter     walkthrough/21-permessage-deflate.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/permessage_deflate.cpp
//                 cmake --build mine --target permessage_deflate_test && ./mine/bin/permessage_deflate_test
#include "compression/permessage_deflate.h"

#include <stdexcept>

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

SupportedExtension permessage_deflate(const DeflateOptions& options) { throw std::logic_error("not written yet"); }

}  // namespace websock
