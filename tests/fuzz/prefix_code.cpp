// Two ways to a code: any bytes as lengths, which may be no code; and any bytes as frequencies, for which there has to
// be one. What is a code is read back, symbol by symbol.
#include "compression/prefix_code.h"

#include <algorithm>

#include "compression/huffman.h"
#include "targets.h"

namespace fuzz {
namespace {

using websock::CodeFit;

// Every symbol that has a code is what the decoder finds, whatever bits come behind the code.
void check_code(websock::CodeLengths lengths, CodeFit fit) {
  websock::PrefixDecoder decoder;
  require(decoder.build(lengths) == fit, "the decoder says of the lengths what fit_of() says");
  if (fit == CodeFit::too_many) return;
  std::vector<websock::Code> codes(lengths.size());
  websock::make_codes(lengths, codes);
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    if (lengths[symbol] == 0) continue;
    for (const std::uint64_t behind : {std::uint64_t{0}, ~std::uint64_t{0}}) {
      const auto found = decoder.decode(behind << lengths[symbol] | codes[symbol].bits);
      require(found.symbol == symbol && found.length == lengths[symbol], "a symbol's code means that symbol");
    }
  }
}

}  // namespace

void check_prefix_code(ByteView input) {
  const ByteView part = input.first(std::min(input.size(), websock::PrefixDecoder::kMostSymbols));
  Bytes lengths(part.begin(), part.end());
  for (std::uint8_t& length : lengths) length = static_cast<std::uint8_t>(length % (websock::kMaxCodeLength + 1));
  check_code(lengths, websock::fit_of(lengths));

  // 2^0 to 2^22: they grow faster than Fibonacci's numbers, so the tree becomes too deep. 288 * 2^22 is below 2^31.
  std::vector<std::uint32_t> frequencies;
  for (const std::uint8_t byte : part) frequencies.push_back(byte == 0 ? 0 : std::uint32_t{1} << byte % 23);
  for (const int longest : {9, websock::kMaxCodeLength}) {
    websock::make_code_lengths(frequencies, longest, lengths);
    const CodeFit fit = websock::fit_of(lengths);
    require(fit == CodeFit::complete || fit == CodeFit::lone, "there is a code for any frequencies");
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      require((lengths[i] > 0) == (frequencies[i] > 0) && lengths[i] <= longest, "who occurs has a code, not too long");
    }
    check_code(lengths, fit);
  }
}

}  // namespace fuzz
