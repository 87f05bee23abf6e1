// To find the longest match, one could compare what comes with every place of the window. 32,768 comparisons for each
// byte are too many. So we remember where each run of three bytes stood: heads_ has the newest place for each hash of
// three bytes, and earlier_ leads from each place to the one before it that had the same hash. That is a chain, and the
// match is sought along it, newest first, for a limited number of tries:
//
//     ...to be...not to be, to be
//        ^-----------^------|         from |, heads_[hash of "to "] leads to the second ^, earlier_ on to the first
//
// Places are kept as 16 bits and are never put right when the buffer moves or a text is forgotten. A place that is out
// of date looks like any other place. That does no harm, as nothing is believed: how far back it would be is compared
// with how far back one may go, and the bytes with the bytes. The worst that can happen is a comparison for nothing.
//
// The match that is longest here is not always the best: the one that begins a byte later may be longer still. So
// before a match is taken, the next place is asked, too; if it has a longer one, a literal goes first ("lazy", the RFC
// calls it in its section 4).
//
// Simplification: how many tries, and when a match is good enough, are constants. Programs that compress files have
// nine levels of them.
#include "compression/lz77.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "compression/bits.h"

namespace websock {
namespace {

constexpr int kTries = 56;                // places that are compared
constexpr int kFewTries = 12;             // when the match at hand is good already
constexpr std::size_t kGoodMatch = 8;     // bytes
constexpr std::size_t kLongMatch = 16;    // so good that the next place is not asked
constexpr std::size_t kFarAway = 4096;    // three bytes from there cost more than three literals
constexpr std::size_t kSmallRoom = 1024;  // bytes behind a small window, if no text needs more
constexpr std::size_t kWord = 8;

// How many bytes are the same at both places, up to `most`. Whole words are compared as long as there are any.
std::size_t common_length(const std::uint8_t* a, const std::uint8_t* b, std::size_t most) {
  std::size_t length = 0;
  for (; length + kWord <= most; length += kWord) {
    const std::uint64_t difference = get_little_endian_64(a + length) ^ get_little_endian_64(b + length);
    // Numbers whose lowest byte is the first one: so the lowest bit that differs is in the first byte that does.
    if (difference != 0) return length + static_cast<std::size_t>(std::countr_zero(difference)) / 8;
  }
  while (length < most && a[length] == b[length]) ++length;
  return length;
}

}  // namespace

// 14 bits of hash at most: heads_ is 32 KiB then. A smaller window has fewer places, and needs no more heads than
// those. The tables wait for the first text: a connection that never sends one holds none.
MatchFinder::MatchFinder(int window_bits)
    : window_(std::size_t{1} << window_bits), hash_bits_(std::min(window_bits, 14)) {}

// Three bytes as a number, spread by a multiplication: its high bits depend on all of them. Two runs with one hash
// share a chain; find_longer() compares the bytes, so that costs tries, and never a wrong match.
std::size_t MatchFinder::hash_at(std::size_t at) const {
  const std::uint8_t* in = bytes_ + at;
  const std::uint32_t three = in[0] | std::uint32_t{in[1]} << 8 | std::uint32_t{in[2]} << 16;
  // Knuth's choice: a prime near 2^32 divided by the golden ratio. Inputs that differ little end far apart.
  return three * 0x9E3779B1u >> (32 - hash_bits_);
}

// Puts the positions before `up_to` into the chains, if their three bytes are there.
void MatchFinder::remember(std::size_t up_to) {
  // The last two positions wait: their three bytes are not all there. (Fewer than two bytes, and end_ - 2 would wrap.)
  up_to = std::min(up_to, end_ < kMinMatch - 1 ? 0 : end_ - (kMinMatch - 1));
  for (; remembered_ < up_to; ++remembered_) {
    // Counted since the beginning of time, so that it means the same after the buffer has moved.
    const auto position = static_cast<std::uint16_t>(remembered_ + moved_);
    std::uint16_t& head = heads_[hash_at(remembered_)];
    // A ring of one window: this overwrites the place one window back, which the next position could not reach anyway.
    earlier_[position & (window_ - 1)] = head;
    head = position;
  }
}

// A match for what stands at `at` that is longer than `length`; else one of that length and distance 0: none.
// REQUIRES: at + kMinMatch <= end_; all before `at` is remembered; length >= 1.
MatchFinder::Match MatchFinder::find_longer(std::size_t at, std::size_t length, int tries) {
  Match best{length, 0};
  const std::size_t most = std::min(kMaxMatch, end_ - at);
  const std::size_t furthest = std::min(window_, at - reachable_);
  const std::uint8_t* const here = bytes_ + at;
  const auto position = static_cast<std::uint16_t>(at + moved_);
  std::uint16_t place = heads_[hash_at(at)];  // `at` itself is not in the chain yet
  std::size_t last_distance = 0;              // so distance 0, `at` with itself, is no match
  for (; tries > 0 && best.length < most; --tries) {
    // A chain leads further and further back. If it does not, what we read is out of date, and the chain ends here.
    const std::size_t distance = static_cast<std::uint16_t>(position - place);
    if (distance <= last_distance || distance > furthest) break;
    last_distance = distance;
    // Read before the comparison, which may skip the rest of this round.
    place = earlier_[place & (window_ - 1)];
    // To be longer it has to agree where the best one ends; most do not.
    const std::uint8_t* const there = here - distance;
    // Two bytes: the last that the best match has, and the one that would make it longer. There is one, since
    // best.length < most.
    if (std::memcmp(there + best.length - 1, here + best.length - 1, 2) != 0) continue;
    const std::size_t common = common_length(here, there, most);
    // Longer, not as long: of equals the nearest stays, whose distance takes fewer extra bits.
    if (common > best.length) best = {common, distance};
  }
  return best;
}

// Makes tokens of what has come, as many as fit into a block. `at` is where the next one begins.
std::span<const Token> MatchFinder::find_tokens() {
  const auto find = [&](std::size_t at, std::size_t length) -> Match {
    remember(at);  // only now: a place ahead of `at`, newest in its chain, would end the search at once
    if (at + kMinMatch > end_) return {length, 0};
    return find_longer(at, length, length >= kGoodMatch ? kFewTries : kTries);
  };
  Token* token = tokens_;
  const auto literal = [&](std::size_t at) { *token++ = {bytes_[at], 0}; };
  std::size_t at = done_;
  // One round may add a match and the literals that went before it: never more than kLongMatch tokens. A round is not
  // broken off, so it begins only if there is room for all of them.
  while (at < end_ && token + kLongMatch < tokens_ + kMostTokens) {
    Match match = find(at, kMinMatch - 1);  // longer than 2: no symbol says a shorter match
    const bool is_dear = match.length == kMinMatch && match.distance > kFarAway;
    if (match.distance == 0 || is_dear) {
      literal(at++);
      continue;
    }
    // Each round makes the match longer, so there are fewer than kLongMatch of them.
    while (match.length < kLongMatch) {
      const Match next = find(at + 1, match.length);
      if (next.distance == 0) break;
      literal(at++);
      match = next;
    }
    // Its bytes are passed over; the next find() puts their places into the chains.
    *token++ = {static_cast<std::uint16_t>(match.length), static_cast<std::uint16_t>(match.distance)};
    at += match.length;
  }
  done_ = at;
  // The bytes of the last match. The next piece's find() would do it as well; this way no work is left over.
  remember(done_);
  return {tokens_, token};
}

// Room for so many bytes behind what has come. When a window and what may follow it are full, the window moves to the
// front. A long text gets more room first, as moving takes time for each room full.
void MatchFinder::make_room(std::size_t bytes) {
  // A power of two: so it grows by doubling, and the tokens behind it begin at an even place.
  const std::size_t room = std::bit_ceil(std::max({bytes, window_ / 4, kSmallRoom}));
  if (room > room_) {
    const std::size_t heads = std::size_t{1} << hash_bits_;
    const std::size_t tables = (heads + window_) * sizeof(std::uint16_t);
    // What there is moves along: nothing at first. Tokens need not: a text that comes finds none left to read.
    memory_.resize(room_ == 0 ? 0 : tables + end_);
    // No byte makes more than one token.
    memory_.reserve(tables + window_ + room + std::min(room, kMostTokens) * sizeof(Token));
    heads_ = reinterpret_cast<std::uint16_t*>(memory_.data());
    earlier_ = heads_ + heads;
    bytes_ = memory_.data() + tables;
    tokens_ = reinterpret_cast<Token*>(bytes_ + window_ + room);
    // All 0: a place like any other, and not believed either.
    if (room_ == 0) std::memset(memory_.data(), 0, tables);
    room_ = room;
  }
  if (end_ + bytes <= window_ + room_) return;
  // Only the newest window is moved. The positions in the chains are left alone: moved_ says how far off they are.
  const std::size_t kept = std::min(end_, window_);
  const std::size_t gone = end_ - kept;
  std::memmove(bytes_, bytes_ + gone, kept);
  moved_ = static_cast<std::uint16_t>(moved_ + gone);
  end_ = done_ = kept;
  // Both move along with the bytes. One that was before what is kept becomes 0, the first place that there is now.
  reachable_ -= std::min(reachable_, gone);
  remembered_ -= std::min(remembered_, gone);
}

// REQUIRES: all that has come has become tokens.
void MatchFinder::append(ByteView bytes) {
  make_room(bytes.size());  // the bytes of the last piece are void from here on
  std::memcpy(bytes_ + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

// What an earlier call has taken in comes first: we take kMostBytes at a time, and if their tokens are short, they make
// more than one block.
std::optional<MatchFinder::Piece> MatchFinder::next_piece(ByteView& text) {
  if (done_ == end_) {
    if (text.empty()) return std::nullopt;
    const ByteView bytes = text.first(std::min(text.size(), kMostBytes));
    append(bytes);
    text = text.subspan(bytes.size());
  }
  const std::uint8_t* const begin = bytes_ + done_;
  const std::span<const Token> tokens = find_tokens();
  return Piece{{begin, bytes_ + done_}, tokens};
}

// Everything is gone then, the chains too: the next text begins anew.
void MatchFinder::release_memory() {
  memory_.release();
  room_ = end_ = done_ = reachable_ = remembered_ = 0;  // moved_ may stay: where time began does not matter
}

}  // namespace websock
