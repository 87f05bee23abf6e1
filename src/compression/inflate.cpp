// A message comes in pieces, cut wherever the network likes, in the middle of a code too. So everything is a step that
// reads one whole thing: a header, a length, a symbol with all that belongs to it. A step reads behind the end without
// noticing, gets zeros, and asks afterwards. If its bits were not all there, it is as if it had not been tried; the
// bits stay in input_ until more has come. No step needs more than ten bytes.
//
//     block ---> stored_length -> stored_bytes -----------------------+
//       |  \                                                          |
//       |   +--> code_counts -> code_lengths (one by one) -> symbols -+-> block
//       +------------------------ fixed codes ----------------^
//
// What has come out is in buffer_, and a match copies within it:
//
//     | the window: handed on | came out, not handed on yet | room |
//       ^-- a match reaches back to here at most       end_ ^
//
// When the room is used up, what is new is handed on, and the newest 2^window_bits bytes are moved to the front. So a
// message of any size passes through a buffer that has an upper bound, and the function that takes it can say "enough"
// after each piece. That matters: 1 KB of input can stand for 1 MB.
//
// This file is about pieces and blocks; the codes and the symbols are in inflate_symbols.cpp.
#include "compression/inflate.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace websock {
namespace {

// How much of a long piece is worked on at a time: what stays in input_ has an upper bound.
constexpr std::size_t kChunk = 4096;  // bytes

// The code of fixed blocks, made once for all.
struct FixedCodes {
  PrefixDecoder literals;
  PrefixDecoder distances;
  // Of the 32 distances all have five bits; the last two mean nothing, and only the reader of a distance knows. What
  // build() says is ignored: both codes are complete.
  FixedCodes() {
    literals.build(kFixedLengths);
    std::array<std::uint8_t, kFixedDistanceSymbols> lengths{};
    lengths.fill(kFixedDistanceLength);
    distances.build(lengths);
  }
};

// The one that was made, when it was needed for the first time.
const FixedCodes& fixed_codes() {
  static const FixedCodes codes;
  return codes;
}

}  // namespace

Inflater::Inflater(int window_bits) : window_(std::size_t{1} << window_bits) {}

// ---- In and out ----

// In chunks, so that a long piece is not kept a second time in input_.
void Inflater::add(ByteView piece, const Output& output) {
  // Something follows the block that called itself the last: so the message ends with the tail after all.
  if (!piece.empty()) after_final_ = false;
  while (!piece.empty()) {
    const ByteView chunk = piece.first(std::min(piece.size(), kChunk));
    input_.insert(input_.end(), chunk.begin(), chunk.end());
    run(output);
    piece = piece.subspan(chunk.size());
  }
}

// What is missing is added, once for the whole message, and then nothing may be left over.
void Inflater::end_message(const Output& output) {
  // A sender ends a message with an empty stored block and cuts the last four bytes off: they are always the same. But
  // a block that says it is final may be the end, too, without one.
  constexpr std::array<std::uint8_t, 4> kTail = {0x00, 0x00, 0xFF, 0xFF};
  if (!after_final_) add(kTail, output);
  // The tail ends on a byte, so a message that is whole leaves no bit behind.
  if (next_ != Next::block || !input_.empty()) throw InflateError("a compressed message ends in the middle of a block");
  after_final_ = false;
  // Counted anew for each message: many short ones do not make a long one.
  message_size_ = 0;
}

// Takes as many steps as the input allows.
void Inflater::run(const Output& output) {
  BitReader bits(input_, position_);
  // A step that says true has taken bits, so this ends. Without bits no step is asked: it would make room for nothing.
  while (bits.left() > 0 && step(bits, output)) {
  }
  // Even if the room is not used up: whoever gets the message may want to refuse it at once.
  emit(output);
  // Whole bytes go; how many bits of the first that is left were used up is remembered. If something threw above, this
  // is not done: nobody asks us again.
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(bits.position() / 8));
  position_ = bits.position() % 8;
}

// What comes next, one whole thing of it. There is no default: so the compiler asks for a case when Next gets a new
// one.
bool Inflater::step(BitReader& bits, const Output& output) {
  switch (next_) {
    case Next::block:
      return read_block_header(bits);
    case Next::stored_length:
      return read_stored_length(bits);
    case Next::stored_bytes:
      return read_stored_bytes(bits, output);
    case Next::code_counts:
      return read_code_counts(bits);
    case Next::code_lengths:
      return read_code_lengths(bits);
    case Next::symbols:
      break;
  }
  return read_symbols(bits, output);
}

// Hands on what is new. It stays where it is: it is a part of the window now.
void Inflater::emit(const Output& output) {
  if (end_ == emitted_) return;
  const ByteView fresh(buffer_.data() + emitted_, end_ - emitted_);
  // Before output() is called, which may throw: what it has been given once it is not given again.
  emitted_ = end_;
  message_size_ += fresh.size();
  output(fresh);
}

// Afterwards there is room for a step.
void Inflater::make_room(const Output& output) {
  // All that will ever be needed, at once: it is a block of the system's, and of that a page which nothing has been
  // written to costs nothing.
  static_assert(kLargeRoom >= Buffer::kMapped);
  buffer_.resize(end_);  // what there is, after release_memory(), moves along
  buffer_.reserve(window_ + kLargeRoom);
  if (end_ + kStepRoom <= limit()) return;
  emit(output);
  if (message_size_ > kSmallRoom) room_ = kLargeRoom;
  if (end_ + kStepRoom <= limit()) return;
  // All that is overwritten has been handed on, just above; and no match may reach back to it. end_ is behind a whole
  // window: the limit is behind that by room_, and nearly reached.
  std::memmove(buffer_.data(), buffer_.data() + end_ - window_, window_);
  emitted_ = end_ = window_;
}

// The buffer's bytes stay where they are. A match cannot reach them: what lies before end_ is all that there is to
// reach.
void Inflater::forget() { emitted_ = end_ = 0; }

// The newest bytes, as many as a window has, have to stay: the peer may refer to them. All else can be had again.
void Inflater::release_memory() {
  // Between two messages no byte waits here, but the vector keeps what it once had; clear() would keep it, too.
  Bytes().swap(input_);
  const std::size_t kept = std::min(end_, window_);
  try {
    // A new block, since one that is there cannot shrink.
    Buffer window;
    window.reserve(kept);
    window.append({buffer_.data() + end_ - kept, kept});
    buffer_ = std::move(window);
    emitted_ = end_ = kept;
    room_ = kSmallRoom;
  } catch (const std::bad_alloc&) {
    // For a moment there would be both. No memory for that is no reason to lose the connection: it keeps what it has.
  }
}

// ---- Blocks ----

// 3.2.3: one bit says whether this block is the last, two say of which kind it is.
bool Inflater::read_block_header(BitReader& bits) {
  if (bits.left() < 1 + 2) return false;
  // What follows a last block may have come together with it, and add() cannot see that.
  after_final_ = false;
  final_ = bits.take(1) != 0;
  const auto type = static_cast<BlockType>(bits.take(2));
  switch (type) {
    case BlockType::stored:
      next_ = Next::stored_length;
      break;
    case BlockType::fixed:
      // 3.2.6: both ends know this code, so the symbols follow at once.
      literals_ = &fixed_codes().literals;
      distances_ = &fixed_codes().distances;
      next_ = Next::symbols;
      break;
    case BlockType::dynamic:
      next_ = Next::code_counts;
      break;
    case BlockType::reserved:
      // Nothing behind it can be read: how long it would be is not known.
      throw InflateError("a compressed block is of a type that does not exist");
  }
  return true;
}

// 3.2.4: from the next byte on, a length of two bytes, the same with every bit turned, and that many bytes.
bool Inflater::read_stored_length(BitReader& bits) {
  bits.align();                             // if this step is tried again, a second time changes nothing
  if (bits.left() < 16 + 16) return false;  // both, so that there is no state between the two
  const std::uint32_t length = bits.take(16);
  const std::uint32_t turned = bits.take(16);
  if (length != (~turned & 0xFFFF)) throw InflateError("a stored block's length and its complement do not agree");
  stored_left_ = length;  // 65,535 at most; nothing is allocated on the strength of it
  next_ = Next::stored_bytes;
  // An empty block has no bytes to wait for. The one whose end is the tail is like that.
  if (stored_left_ == 0) block_ends(bits);
  return true;
}

// As many as are there, or as there is room for: a stored block may be longer than both. It counts as a step if it got
// any.
bool Inflater::read_stored_bytes(BitReader& bits, const Output& output) {
  // Here, and not before every step: only this one and read_symbols() write.
  make_room(output);
  const std::size_t available = bits.left() / 8;
  const std::size_t count = std::min({stored_left_, available, limit() - end_});
  // Only `available` can be 0: an empty block has ended before it came here, and make_room() has seen to the third.
  if (count == 0) return false;
  // The position is a whole number of bytes: read_stored_length() has seen to it, and here only whole bytes are taken.
  std::memcpy(buffer_.data() + end_, input_.data() + bits.position() / 8, count);
  bits.skip(8 * count);
  end_ += count;
  stored_left_ -= count;
  if (stored_left_ == 0) block_ends(bits);
  return true;
}

// RFC 7692 section 7.2.1 allows a block that says it is the last one, in the middle of a message as well. What follows
// it begins on the next byte, and the window stays.
void Inflater::block_ends(BitReader& bits) {
  if (final_) bits.align();
  next_ = Next::block;
  // end_message() asks for it: after a last block the tail is nobody's, unless something follows.
  after_final_ = final_;
}

}  // namespace websock
