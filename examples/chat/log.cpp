// The simplest log there can be: a lock and a number. It does not even keep the entries, because the room, which has
// folded them, is the only one who will ever ask.
#include "log.h"

#include <memory>
#include <mutex>
#include <utility>

Position next_position(Position at, bool numbered) {
  return numbered ? Position{at.message + 1, 0} : Position{at.message, at.sub + 1};
}

std::string to_string(Position position) {
  return std::to_string(position.message) + "-" + std::to_string(position.sub);
}

// Lenient: what it reads was written by Redis or by our own script. Without digits, `end` is where the text begins.
Position parse_position(const std::string& text) {
  Position position;
  char* end = nullptr;
  position.message = std::strtoull(text.c_str(), &end, 10);
  if (*end == '-') position.sub = std::strtoull(end + 1, nullptr, 10);
  return position;
}

Log memory_log(std::function<void(const Entry&)> apply) {
  struct Top {
    std::mutex mutex;
    Position position;
  };
  // Shared: a std::function has to be copied with all that it holds, and a mutex cannot be.
  const auto top = std::make_shared<Top>();
  // Of the two locks, this one comes first: decide() and apply() take the room's, inside. A room that appended while it
  // held its own would wait for itself.
  return {.append =
              [top, apply = std::move(apply)](const std::function<Step()>& decide) {
                // Held from the decision to the last entry: nothing can happen in between that would have made it
                // another one, so the changes to names need no check.
                const std::lock_guard lock(top->mutex);
                for (Entry& entry : decide().entries) {
                  entry.at = top->position = next_position(top->position, entry.is_numbered());
                  apply(entry);
                }
              },
          .whisper = [](const std::string&, const std::string&) { return false; }};  // there are no other servers
}
