// Who includes whom in src/ and tests/.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace book {

// The files of src/, as they are named in the book: "framing/frame.h". In the order of the alphabet.
std::vector<std::string> source_names(const std::filesystem::path& root);

// The one file below `folder` that is called `name`: tests/framing/frame_test.cpp. Empty if there is none.
std::filesystem::path find_below(const std::filesystem::path& folder, const std::string& name);

// `file` and what it includes of src/ and tests/, directly or not. `src` is the folder itself; tests/ is beside it.
std::set<std::filesystem::path> included_by(const std::filesystem::path& file, const std::filesystem::path& src);

// What `test` may call: the files that it sees, the source files that belong to them, what those see, and so on. To
// server.h belong server.cpp and server_client.cpp.
std::set<std::filesystem::path> needed_by(const std::filesystem::path& test, const std::filesystem::path& src);

}  // namespace book
