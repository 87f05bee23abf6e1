// Huffman's idea: the two rarest symbols can be brothers at the very bottom of the tree, since nobody deserves a longer
// code than they do. Join them to one that occurs as often as both together, forget the two, and do it again, until
// there is one left. How often a symbol was part of what was joined is the length of its code.
//
//     A 5   B 2   C 1   D 1         C and D make 2
//     A 5   B 2   CD 2              B and CD make 4
//     A 5   BCD 4                   and A and BCD 9: A has 1 bit, B 2, C and D 3
//
// Looking for the two rarest would take time each time. But what is joined never becomes rarer: if the symbols are
// sorted once, the joined ones come into being in order, too, and the rarest is always at the front of one of two rows.
//
//     nodes_    | symbols, the rarest first | joined, in the order in which they were |
//                 ^ leaf                      ^ joined                                  ^ end
#include "compression/huffman.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace websock {
namespace {

constexpr std::size_t kMostSymbols = 288;  // the largest alphabet, with the two that never occur

struct Leaf {
  std::uint32_t frequency;
  std::uint16_t symbol;
};

struct Node {
  std::uint32_t frequency;
  std::uint16_t parent;  // its place among the nodes
  // How many joints are above: the length of the code. 8 bits hold it: the frequencies of a deep tree grow like
  // Fibonacci's numbers, and a sum below 2^31 is not enough for one of 45 levels.
  std::uint8_t depth;
};

// The depths of the leaves, which are sorted; the deepest of them is returned.
int join_all(std::span<const Leaf> leaves, std::span<Node> nodes) {
  const std::size_t count = leaves.size();
  // Parent and depth are 0 for now. All but the root get a parent below; the root's depth stays 0, and that is right.
  for (std::size_t i = 0; i < count; ++i) nodes[i] = {leaves[i].frequency, 0, 0};
  std::size_t leaf = 0;
  std::size_t joined = count;
  const auto take_rarest = [&](std::size_t end) {
    // A leaf first, where two are equally rare: that keeps the tree flat.
    const bool from_leaves = leaf < count && (joined == end || nodes[leaf].frequency <= nodes[joined].frequency);
    return from_leaves ? leaf++ : joined++;
  };
  // Each joining makes one node of two. So of `count` leaves there are count - 1 joined ones, and the last is the root.
  // Before each round two nodes at least have no parent yet, in the two rows together: so there are two to take.
  const std::size_t root = 2 * count - 2;
  for (std::size_t end = count; end <= root; ++end) {
    const std::size_t one = take_rarest(end);
    const std::size_t other = take_rarest(end);
    nodes[end] = {nodes[one].frequency + nodes[other].frequency, 0, 0};
    nodes[one].parent = nodes[other].parent = static_cast<std::uint16_t>(end);
  }
  // From the root down, since a parent stands behind its children: its depth is known before theirs are asked for.
  int deepest = 0;
  for (std::size_t i = root; i-- > 0;) {
    nodes[i].depth = static_cast<std::uint8_t>(nodes[nodes[i].parent].depth + 1);
    deepest = std::max<int>(deepest, nodes[i].depth);
  }
  return deepest;
}

}  // namespace

// Three steps: who occurs, the rarest first; the tree; and how deep each of them hangs in it.
void make_code_lengths(std::span<const std::uint32_t> frequencies, int longest, std::span<std::uint8_t> lengths) {
  assert(frequencies.size() == lengths.size() && frequencies.size() <= kMostSymbols);
  // Not initialised, nor are the nodes below: of both only what was written is read.
  std::array<Leaf, kMostSymbols> all;
  std::size_t count = 0;
  for (std::size_t symbol = 0; symbol < frequencies.size(); ++symbol) {
    lengths[symbol] = 0;
    if (frequencies[symbol] > 0) all[count++] = {frequencies[symbol], static_cast<std::uint16_t>(symbol)};
  }
  const std::span<Leaf> leaves = std::span(all).first(count);
  // A tree of one leaf has depth 0, but a code has to have a bit to be read. And of no leaves there is no root.
  if (count == 1) lengths[leaves[0].symbol] = 1;
  if (count <= 1) return;

  // Equally frequent ones stay in the order of the alphabet, so that the result is the same everywhere.
  std::sort(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) {
    return a.frequency != b.frequency ? a.frequency < b.frequency : a.symbol < b.symbol;
  });
  std::array<Node, 2 * kMostSymbols> nodes;
  // Too deep a tree comes of frequencies that grow as fast as 1 1 2 3 5 8 13. Halved, and never below 1, they become
  // more alike, and still are in order; in the end they are all 1, and a tree of 288 equals is 9 deep.
  // Simplification: the best code with a limit would take Larmore and Hirschberg's package-merge. Of texts that people
  // send, hardly any comes here.
  while (join_all(leaves, nodes) > longest) {
    for (Leaf& leaf : leaves) leaf.frequency = (leaf.frequency + 1) / 2;
  }
  // The first `count` nodes are the leaves, in their order.
  for (std::size_t i = 0; i < count; ++i) lengths[leaves[i].symbol] = nodes[i].depth;
}

}  // namespace websock
