// Inflating: RFC 1951, read by a program that gets it in pieces and does not trust it.
//
//     Inflater inflater;
//     inflater.add(piece, output);     // as often as pieces come; output(bytes) is called for what they become
//     inflater.end_message(output);    // everything has to be there
//
// What comes out is kept, as much of it as a window holds: matches of this message and of the next reach back into it.
#pragma once

#include <functional>

#include "../bytes.h"
#include "../protocol/buffer.h"
#include "bits.h"
#include "deflate_format.h"
#include "prefix_code.h"

namespace websock {

class Inflater {
 public:
  // Takes what came out, piece by piece, none of them empty. The view is good until it returns. It may throw: then
  // inflating is over.
  using Output = std::function<void(ByteView)>;

  // `window_bits`: 8 to 15; how far matches may reach back is 2^window_bits bytes.
  explicit Inflater(int window_bits = kMaxWindowBits);

  // The next piece of a message. Throws InflateError as soon as a bit is wrong. What cannot be understood before more
  // comes waits: it is never more than a few bytes. After a throw the inflater is good for nothing any more.
  void add(ByteView piece, const Output& output);

  // The message ends: RFC 7692 section 7.2.2. Throws InflateError if it ends in the middle of something.
  void end_message(const Output& output);

  // What was said so far is not referred to any more. Between two messages.
  void forget();

  // Forgets nothing, but gives back all memory that the window does not need. That takes some for a moment: where there
  // is none, it keeps what it has, and does not throw. Between two messages.
  void release_memory();

 private:
  // Where in the chain of blocks we are: what the next step reads.
  enum class Next { block, stored_length, stored_bytes, code_counts, code_lengths, symbols };

  // A step reads one whole thing from `bits`. False: it is not all there yet. What was there may have been taken in,
  // and the same step goes on when there is more.
  bool step(BitReader& bits, const Output& output);
  bool read_block_header(BitReader& bits);
  bool read_stored_length(BitReader& bits);
  bool read_stored_bytes(BitReader& bits, const Output& output);
  bool read_code_counts(BitReader& bits);
  bool read_code_lengths(BitReader& bits);
  bool read_symbols(BitReader& bits, const Output& output);
  struct Match {
    std::size_t length = 0;
    std::size_t distance = 0;
  };
  // The rest of a match whose length's code begins where `bits` stands and at the front of `word`. False: not all there
  // yet, but `bits` has moved. With 15 bits left, a distance that is no code is a fault.
  bool read_match(BitReader& bits, PrefixDecoder::Result length_code, std::uint64_t word, Match& match) const;
  void use_dynamic_codes();
  // What follows a final block begins on the next byte; it may be another block.
  void block_ends(BitReader& bits);

  void run(const Output& output);
  // Afterwards there is room for kStepRoom bytes before limit(). For that, the window moves to the front.
  void make_room(const Output& output);
  void emit(const Output& output);

  // The bytes that one symbol can write; a match is copied by words.
  static constexpr std::size_t kStepRoom = kMaxMatch + 8;
  // How much may come out behind a full window before that has to move, at first, and once a message turns out long.
  // Moving costs time for each such room, so a long message gets a long one, which stays until release_memory(). Short
  // ones touch less memory.
  static constexpr std::size_t kSmallRoom = 4096;
  static constexpr std::size_t kLargeRoom = 64 * 1024;

  const std::size_t window_;  // bytes

  // What has come in and is not used up: the bits from position_ on.
  Bytes input_;
  std::size_t position_ = 0;

  // What has come out, and room for more:
  //
  //     | handed on before: the window | not handed on yet | room | untouched |
  //     0                              emitted_            end_   limit()
  Buffer buffer_;
  std::size_t emitted_ = 0;
  std::size_t end_ = 0;
  std::size_t room_ = kSmallRoom;  // behind a full window
  std::size_t limit() const { return window_ + room_; }
  std::size_t message_size_ = 0;  // bytes handed on of this message

  Next next_ = Next::block;
  bool final_ = false;           // the block at hand says that it is the last (BFINAL)
  bool after_final_ = false;     // it has ended, and nothing has followed
  std::size_t stored_left_ = 0;  // bytes of a stored block yet to come

  // The codes of the block at hand. The fixed ones are shared; a dynamic block's are made here.
  const PrefixDecoder* literals_ = nullptr;
  const PrefixDecoder* distances_ = nullptr;
  PrefixDecoder dynamic_literals_;  // in between, the code of the code lengths
  PrefixDecoder dynamic_distances_;
  std::size_t literal_count_ = 0;  // how many lengths each code has,
  std::size_t length_count_ = 0;   // and both together;
  std::size_t lengths_read_ = 0;   // how many have been read
  std::array<std::uint8_t, kLiteralSymbols + kDistanceSymbols> lengths_{};
};

}  // namespace websock
