// Who includes whom in src/ and tests/.
#pragma once

#include <filesystem>
#include <set>

namespace book {

// `file` and what it includes, directly or not.
std::set<std::filesystem::path> included_by(const std::filesystem::path& file, const std::filesystem::path& src);

// What `test` may call: the files that it sees, the source files that belong to them, what those see, and so on. To
// server.h belong server.cpp and server_client.cpp.
std::set<std::filesystem::path> needed_by(const std::filesystem::path& test, const std::filesystem::path& src);

}  // namespace book
