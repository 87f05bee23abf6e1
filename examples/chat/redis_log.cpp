// Writing to the log. An append is decided, sent, and judged by Redis, which makes the changes only if every name still
// has the owner that the decision counted on. If not, we wait until our room has come to know what Redis knows, and
// decide again.
//
// What may happen to one command and its answer:
//
//     connect fails, or Redis is loading       try again until the deadline; nothing has been said
//     sent, and no answer comes                 connect again and send it again, with the same number n: if it was done
//                                               the first time, Redis says DONE
//     the deadline passes                       Away: nobody knows. It is not sent again, ever
#include "redis_log.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "redis_entry.h"
#include "redis_scripts.h"

namespace {

constexpr const char* kWriting = "cannot write";

}  // namespace

// For the thread of the client who wants something, and for beat(), whose reap() says who has left. It returns when the
// room has been given the entries, or a little earlier, if our reader is slow: they are in the log, and will come.
void RedisLog::append(const std::function<Step()>& decide) {
  const websock::Deadline deadline = websock::deadline_after(long_enough());
  for (;;) {
    // Before the attempt: if the epoch ends while Redis answers, the wait below must not miss it.
    const std::string before = epoch();
    const Attempt attempt = try_append(decide, deadline);
    if (attempt.outcome == Outcome::epoch) hang_up();  // the reader opens the log anew
    // The top that Redis has told. In an epoch that is over no entry will come: ~0 is never reached, so only the next
    // epoch ends that wait. A step without entries has 0-0, and waits for nothing.
    const Position behind = attempt.outcome == Outcome::epoch ? Position{~0ULL, 0} : attempt.top;
    const bool caught_up = wait_for(before, behind, deadline);
    if (attempt.outcome == Outcome::done) return;
    if (!caught_up) throw Away("The room is slow to answer: that was not said.");
  }
}

// One append at a time. The lock is held while Redis is waited for, by threads that hold no other; `decide` takes the
// room's inside it, never the other way round.
RedisLog::Attempt RedisLog::try_append(const std::function<Step()>& decide, websock::Deadline deadline) {
  const std::lock_guard lock(command_mutex_);
  if (away_) throw Away("The room cannot be reached: that was not said.");
  // Many were before us. That is no reason to send without the time to hear the answer, nor to take Redis for dead.
  if (websock::time_left(deadline) == websock::Milliseconds(0)) {
    throw Away("The room is slow to answer: that was not said.");
  }
  // The epoch first. If a new one begins between the two, Redis refuses the old one, and the decision is made again.
  const std::string epoch = this->epoch();
  const Step step = decide();
  if (step.entries.empty()) return {};  // nothing is to happen any more
  Reply reply = command(append_words(epoch, step), deadline);
  // Somebody else's entry is in the way. One of us may have folded it: so that epoch ends, and all begin with a
  // picture.
  if (reply.kind == Reply::list && reply[0].as_text() == "BLOCKED") reply = command(clean_words(true), deadline);
  if (reply.kind == Reply::error) {
    report("Redis answers: " + reply.string);
    // Out of memory, or a replica: Redis is there, so the room is not away. It may take the next one.
    throw Refusal("The room can take nothing at the moment: that was not said.");
  }
  const std::string& word = reply[0].as_text();
  if (word == "FULL") throw Refusal("The room is full.");
  if (word == "EPOCH") return {Outcome::epoch};
  return {word == "STALE" ? Outcome::stale : Outcome::done, parse_position(reply[1].as_text())};  // OK and DONE alike
}

// The words of CLEAN.
std::vector<std::string> RedisLog::clean_words(bool end_epoch) {
  report("somebody else has written to the log: what is not ours is taken out of it");
  return {"EVAL", std::string(kCleanScript), "2", key("log"), key("meta"), end_epoch ? "1" : "0"};
}

// The words of APPEND, under a number that has not been used.
std::vector<std::string> RedisLog::append_words(const std::string& epoch, const Step& step) {
  // A hundred messages more than are shown: other servers may not have read them yet.
  const std::uint64_t oldest = room_.oldest_kept();
  const std::uint64_t keep_from = oldest > 100 ? oldest - 100 : 0;
  // The stream has other entries, too, and of those there may be any number between two messages.
  const std::size_t keep_most = options_.max_history + 5'000;
  // EVAL with the whole script, 2 KB each time: a Redis that has just started does not know it by its digest.
  std::vector<std::string> words = {"EVAL",
                                    std::string(kAppendScript),
                                    "4",  // so many keys; what follows them is ARGV
                                    key("log"),
                                    key("members"),
                                    key("meta"),
                                    key("done:" + options_.server),
                                    epoch,
                                    std::to_string(++last_n_),
                                    std::to_string(keep_from),
                                    std::to_string(keep_most),
                                    std::to_string(options_.max_members),
                                    std::to_string(step.changes.size())};
  for (const Change& change : step.changes) words.insert(words.end(), {change.name, change.expected, change.owner});
  for (const Entry& entry : step.entries) {
    words.insert(words.end(), {entry.is_numbered() ? "1" : "0", serialize_entry(entry)});
  }
  return words;
}

// REQUIRES: command_mutex_ is held. Sends the same words again and again until there is an answer.
Reply RedisLog::command(const std::vector<std::string>& words, websock::Deadline deadline) {
  // Whether Redis may have done it: what the person is told at the end depends on that.
  bool sent = false;
  for (;;) {
    const bool sent_before = sent;
    try {
      // For one try. A connection that is cut in silence costs a second, and leaves time for a second one.
      const websock::Deadline patience = std::min(deadline, websock::deadline_after(options_.patience));
      if (!command_) command_.emplace(options_.url, patience);
      sent = true;  // before the first byte: what throws half-way may have been enough
      Reply reply = command_->command(words, patience);
      if (!reply.is_passing_error()) {
        well(kWriting);
        return reply;
      }
      sent = sent_before;  // this one was refused unread; an earlier one may have been done, and its answer lost
      trouble(kWriting, "Redis answers: " + reply.string);
    } catch (const std::exception& error) {
      trouble(kWriting, error.what());
      command_.reset();  // a late answer would be taken for that of the next command
    }
    if (websock::time_left(deadline) == websock::Milliseconds(0) || !wait(websock::Milliseconds(50))) break;
  }
  set_away(true);
  throw Away(sent ? "The room did not answer: look whether that was said before you say it again."
                  : "The room cannot be reached: that was not said.");
}

// By PUBLISH, which hands it to whoever listens now. Over the connection of the appends, so it waits for its turn.
bool RedisLog::whisper(const std::string& server, const std::string& words) {
  const std::string channel = key(server.empty() ? "all" : "to:" + server);
  const std::lock_guard lock(command_mutex_);
  if (away_) return false;
  try {
    const websock::Deadline patience = websock::deadline_after(options_.patience);
    if (!command_) command_.emplace(options_.url, patience);
    // Our name in front: what goes to all comes back to us as well, and listen_more() drops it. The answer: how many
    // heard.
    return command_->command({"PUBLISH", channel, options_.server + " " + words}, patience).as_number() > 0;
  } catch (const std::exception& error) {
    trouble(kWriting, error.what());
    command_.reset();
    return false;  // perhaps it was heard; but it is not said twice
  }
}

// ---- What the threads share ----

std::string RedisLog::epoch() const {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

// Until the room has been given everything up to `position`, or another epoch than that one has begun, or it is over.
bool RedisLog::wait_for(const std::string& epoch, Position position, websock::Deadline deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return stopping_ || epoch_ != epoch || position_ >= position; });
}

// A pause that the destructor can end. A time of 0 only asks whether it is over.
bool RedisLog::wait(websock::Milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return stopping_; });
}

// The room tells its clients when that changes.
void RedisLog::set_away(bool away) {
  away_ = away;
  // Even if it is no news: of two threads that say different things at a time, the last to come to the room may be the
  // one that is wrong, and the next heartbeat has to put that right. The room takes no notice of what it knows.
  room_.set_away(away);
}

// What Redis answers, or has in the log, and not that it cannot be reached: see trouble().
void RedisLog::report(const std::string& sentence) {
  {
    const std::lock_guard lock(mutex_);
    if (sentence == reported_) return;
    reported_ = sentence;
  }
  options_.report(sentence);  // without the lock: it is somebody else's code
}

// Something cannot be done for as long as Redis is away: any thread, as often as it fails.
void RedisLog::trouble(const std::string& what, const std::string& cause) {
  std::string sentence;
  {
    const std::lock_guard lock(mutex_);
    sentence = outage_.trouble(what, cause, websock::Clock::now());
  }
  if (!sentence.empty()) options_.report(sentence);
}

// The same works: any thread, whenever it does.
void RedisLog::well(const std::string& what) {
  std::string sentence;
  {
    const std::lock_guard lock(mutex_);
    sentence = outage_.well(what, websock::Clock::now());
  }
  if (!sentence.empty()) options_.report(sentence);
}

// The epoch is over: the reader, who may be waiting for what never comes, has to look up. Its receive() throws, and
// keep_trying() connects again, and asks. Under the lock, or the connection could be gone between the look and the
// call.
void RedisLog::hang_up() {
  const std::lock_guard lock(mutex_);
  if (follower_) follower_->shut_down();
}
