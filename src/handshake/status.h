// Statuses of HTTP: RFC 9110 section 15.
#pragma once

#include <string_view>

namespace websock {

// "Not Found" for 404: the words after the number. They are for people; a program goes by the number. Empty for a
// status that is not on our list.
std::string_view usual_reason(int status);

}  // namespace websock
