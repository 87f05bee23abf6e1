// RFC 7692 has four parameters, two for each direction (7.1):
//
//     server_no_context_takeover     server_max_window_bits=8..15        what the server sends
//     client_no_context_takeover     client_max_window_bits=8..15        what the client sends
//
// They say one thing in an offer and another in an answer. In an offer, server_... is a demand: "do not send me what
// needs more". client_max_window_bits is a hint, and without a value only says that the parameter is known: a server
// may not ask for a smaller window of a client that did not mention it. In the answer, all four are what holds from now
// on.
//
// A limit is always on how far the *sender* reaches back, so that the receiver knows how much to keep. That is why a
// server cannot save memory for what it receives unless the client agrees.
#include "compression/permessage_deflate.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <stdexcept>
#include <utility>

#include "compression/deflate.h"
#include "compression/inflate.h"
#include "framing/protocol_error.h"

namespace websock {
namespace {

constexpr const char* kName = "permessage-deflate";
constexpr std::uint8_t kRsv1 = 0b0100'0000;  // 6: "Per-Message Compressed"
constexpr int kMinWindowBits = 8;
// Fewer are not asked for: zlib does not have 8, and some servers answer an offer of it with a 500.
constexpr int kMinOfferedBits = 9;

// ---- Parameters ----

// What one side may send.
struct Direction {
  int window_bits = kMaxWindowBits;
  bool context_takeover = true;
};

// What an offer or an answer says; empty: nothing about that.
struct Parameters {
  bool server_no_takeover = false;
  bool client_no_takeover = false;
  std::optional<int> server_bits;
  std::optional<int> client_bits;
  bool client_bits_known = false;  // client_max_window_bits is there, with or without a value
};

// 7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15".
std::optional<int> parse_bits(const std::optional<std::string>& value) {
  // Eight texts are right, and no other: so "08", "+8" and " 8" need no rule of their own. A missing value is none of
  // them either.
  for (int bits = kMinWindowBits; bits <= kMaxWindowBits; ++bits) {
    if (value == std::to_string(bits)) return bits;
  }
  return std::nullopt;
}

// Notes one parameter. False: it is unknown, it is there already, or its value is none that it can have.
bool note(const ExtensionParameter& parameter, Parameters& parameters) {
  // exchange() tells what was there before: a parameter that comes twice is a fault (7).
  const auto note_flag = [&](bool& flag) { return !parameter.value && !std::exchange(flag, true); };
  if (parameter.name == "server_no_context_takeover") return note_flag(parameters.server_no_takeover);
  if (parameter.name == "client_no_context_takeover") return note_flag(parameters.client_no_takeover);
  // Here a value is a must, in an offer and in an answer (7.1.2.1).
  if (parameter.name == "server_max_window_bits") {
    if (parameters.server_bits) return false;
    parameters.server_bits = parse_bits(parameter.value);
    return parameters.server_bits.has_value();
  }
  if (parameter.name != "client_max_window_bits" || std::exchange(parameters.client_bits_known, true)) return false;
  parameters.client_bits = parse_bits(parameter.value);
  // A value that is there has to be a right one. Whether there may be none, check_answer() asks: only an offer may.
  return parameters.client_bits || !parameter.value;
}

// 7: nothing if any parameter is wrong. A server then looks at the next offer, a client fails the handshake.
std::optional<Parameters> parse(const Extension& extension) {
  Parameters parameters;
  for (const ExtensionParameter& parameter : extension.parameters) {
    if (!note(parameter, parameters)) return std::nullopt;
  }
  return parameters;
}

// A parameter without a value, if it is to be there.
void add_flag(Extension& extension, const char* name, bool there) {
  if (there) extension.parameters.push_back({name, std::nullopt});
}

// And one with a number.
void add_bits(Extension& extension, const char* name, int bits, bool there) {
  if (there) extension.parameters.push_back({name, std::to_string(bits)});
}

// ---- One connection ----

// A decoder for one direction, an encoder for the other. They share nothing, and each may outlive the other.
struct Decoder {
  explicit Decoder(Direction receiving) : inflater(receiving.window_bits), forgets(!receiving.context_takeover) {}

  Inflater inflater;
  const bool forgets;  // the peer's messages do not refer to earlier ones
};

struct Encoder {
  Encoder(Direction sending, std::size_t from)
      : deflater(sending.window_bits), forgets(!sending.context_takeover), compress_from(from) {}

  Deflater deflater;
  const bool forgets;               // our messages do not refer to earlier ones
  const std::size_t compress_from;  // bytes
  Bytes sent;                       // the last message, deflated
};

// A message that cannot be inflated fails the connection. RFC 7692 does not say with which code; of those in RFC 6455
// section 7.4.1, 1007 is the nearest: data that is not consistent with the type of its message.
void decode(Decoder& decoder, ByteView piece, bool ends, const PieceOutput& output) {
  try {
    decoder.inflater.add(piece, output);
    // Only behind a message's last piece was a tail cut off.
    if (!ends) return;
    decoder.inflater.end_message(output);
    if (decoder.forgets) decoder.inflater.forget();
    // What `output` throws passes by: a message that is too long has its own code, 1009.
  } catch (const InflateError& error) {
    throw ProtocolError(CloseCode::invalid_payload, error.what());
  }
}

// Whether a message is compressed is decided before: what the deflater has seen, the peer has to see, or later messages
// would refer to what it does not have. Only if it forgets anyway may we look first, and send what is shorter.
std::optional<ByteView> encode(Encoder& encoder, ByteView payload) {
  // The deflater does not see such a message, and the peer does not inflate it: both histories stay the same.
  if (payload.size() < encoder.compress_from) return std::nullopt;
  // Cleared, and not given back: the next message needs the memory again.
  encoder.sent.clear();
  encoder.deflater.deflate(payload, encoder.sent);
  // Even if it has become longer: the deflater remembers it now, so the peer has to see it.
  if (!encoder.forgets) return encoder.sent;
  encoder.deflater.forget();
  if (encoder.sent.size() >= payload.size()) return std::nullopt;
  return encoder.sent;
}

// For everybody with a window of so many bits: without history, since each of them has a different one.
std::optional<Bytes> encode_for_all(int window_bits, std::size_t compress_from, ByteView payload) {
  if (payload.size() < compress_from) return std::nullopt;
  // No larger than the window that all of them can read, since only those with the same `sharing` get these bytes; and
  // no larger than the message needs, since the window is made for this one message.
  Deflater deflater(std::clamp(static_cast<int>(std::bit_width(payload.size())), 8, window_bits));
  Bytes deflated;
  deflater.deflate(payload, deflated);
  // This deflater is thrown away, so nothing later refers to the message: it may go as it is.
  if (deflated.size() >= payload.size()) return std::nullopt;
  return deflated;
}

// Each half belongs to its functions, and lives for as long as the last of them: so a connection that stops reading
// drops the decoder, windows and all, while its encoder may still be in use on another thread.
AgreedExtension make_agreed(Direction receiving, Direction sending, std::size_t compress_from) {
  const auto decoder = std::make_shared<Decoder>(receiving);
  const auto encoder = std::make_shared<Encoder>(sending, compress_from);
  AgreedExtension agreed;
  agreed.rsv = kRsv1;
  agreed.decode = [decoder](ByteView piece, bool ends, const PieceOutput& output) {
    decode(*decoder, piece, ends, output);
  };
  agreed.encode = [encoder](ByteView payload) { return encode(*encoder, payload); };
  agreed.release_decoder = [decoder] { decoder->inflater.release_memory(); };
  agreed.release_encoder = [encoder] {
    // The deflater forgets by this. That is always allowed; an inflater must keep its window, and does.
    encoder->deflater.release_memory();
    Bytes().swap(encoder->sent);
  };
  // Two connections with the same `sharing` may get the same bytes of a broadcast. So all that encode_for_all() goes by
  // is in it, and nothing else: not whether they take over, since those bytes refer to nothing.
  agreed.sharing = "deflate, " + std::to_string(sending.window_bits) + " bits, from " + std::to_string(compress_from);
  agreed.encode_for_all = [bits = sending.window_bits, compress_from](ByteView payload) {
    return encode_for_all(bits, compress_from, payload);
  };
  agreed.forget = [encoder] { encoder->deflater.forget(); };
  return agreed;
}

// ---- Negotiation ----

// 5 and 7.1, the server: the smaller of what was asked for and what we want. Nothing: one of the parameters is wrong.
std::optional<AcceptedExtension> accept(const Extension& offer, const DeflateOptions& options) {
  const std::optional<Parameters> asked = parse(offer);
  // 7: declined, not failed: the client may have another offer, and without the extension the connection works.
  if (!asked) return std::nullopt;
  // Not mentioned is 15. A demand is met by less as well, so we may always take the smaller one.
  const Direction server{std::min(asked->server_bits.value_or(kMaxWindowBits), options.window_bits),
                         !asked->server_no_takeover && options.context_takeover};
  // 7.1.2.2: of a client that does not know the parameter we have to expect 15 bits. A client that hints that it will
  // not take over is taken at its word: it saves us the window.
  // Of ourselves we do not ask for 8: many a client that hints can do any window but that one, and would go away.
  const int client_bits =
      std::min(asked->client_bits.value_or(kMaxWindowBits), std::max(options.window_bits, kMinOfferedBits));
  const Direction client{asked->client_bits_known ? client_bits : kMaxWindowBits,
                         !asked->client_no_takeover && options.context_takeover};

  Extension answer{kName, {}};
  // All that differs from what silence would mean: windows of 15 bits, and takeover.
  add_flag(answer, "server_no_context_takeover", !server.context_takeover);
  add_flag(answer, "client_no_context_takeover", !client.context_takeover);
  // Also 15, if the client asked: a demand is granted by naming it (7.1.2.1).
  add_bits(answer, "server_max_window_bits", server.window_bits,
           asked->server_bits || server.window_bits < kMaxWindowBits);
  // Only if the client knows the parameter: else `client` has 15 bits, and nothing is said.
  add_bits(answer, "client_max_window_bits", client.window_bits, client.window_bits < kMaxWindowBits);
  return AcceptedExtension{answer, make_agreed(client, server, options.compress_from)};
}

// The client's only offer.
Extension make_offer(const DeflateOptions& options) {
  const int bits = std::max(options.window_bits, kMinOfferedBits);  // of 8 we ask for 9, and use 8 where we send
  Extension offer{kName, {}};
  // The first is a demand, the second a hint, which we keep to even if the answer does not ask it of us.
  add_flag(offer, "server_no_context_takeover", !options.context_takeover);
  add_flag(offer, "client_no_context_takeover", !options.context_takeover);
  add_bits(offer, "server_max_window_bits", bits, bits < kMaxWindowBits);
  // With 15, too: a server may then ask us for less, to save its own memory.
  if (bits < kMaxWindowBits) {
    add_bits(offer, "client_max_window_bits", bits, true);
  } else {
    add_flag(offer, "client_max_window_bits", true);  // "I know it"
  }
  return offer;
}

// The client: the answer has to grant what we demanded, and then it holds. Nothing: it does not.
std::optional<AgreedExtension> check_answer(const Extension& answer, const DeflateOptions& options) {
  const std::optional<Parameters> agreed = parse(answer);
  const int demanded = std::max(options.window_bits, kMinOfferedBits);
  // 7.1.2.2: the parameter without a value is a hint, and only an offer hints.
  if (!agreed || (agreed->client_bits_known && !agreed->client_bits)) return std::nullopt;
  // 7.1.2.1: a server that does not mention it keeps 15 bits; so silence does not grant a smaller demand.
  if (agreed->server_bits.value_or(kMaxWindowBits) > demanded) return std::nullopt;
  // 7.1.1.1: a server grants this by naming it. Otherwise we would have to keep the window that we want to save.
  if (!options.context_takeover && !agreed->server_no_takeover) return std::nullopt;
  const Direction server{agreed->server_bits.value_or(kMaxWindowBits), !agreed->server_no_takeover};
  // What we send may always reach back less far than was agreed.
  const Direction client{std::min(agreed->client_bits.value_or(kMaxWindowBits), options.window_bits),
                         !agreed->client_no_takeover && options.context_takeover};
  return make_agreed(server, client, options.compress_from);
}

}  // namespace

// The options are copied into each function: the caller may forget them. A wrong number is found here, where it was
// written, and not in a handshake. One offer: we have no second wish, should a server not grant it.
SupportedExtension permessage_deflate(const DeflateOptions& options) {
  if (options.window_bits < kMinWindowBits || options.window_bits > kMaxWindowBits) {
    throw std::invalid_argument("a window of permessage-deflate has 8 to 15 bits");
  }
  return {.name = kName,
          .accept = [options](const Extension& offer) { return accept(offer, options); },
          .offers = {make_offer(options)},
          .check_answer = [options](const Extension& answer) { return check_answer(answer, options); }};
}

}  // namespace websock
