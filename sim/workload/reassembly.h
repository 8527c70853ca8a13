// Reassembly of IPv4 fragments for the ledger: which datagrams come out whole of the fragments sent?
// Linux's rules as far as they matter here: parts may come in any order, a repeated part is ignored, parts
// that overlap otherwise kill the datagram, and nothing longer than 65,535 bytes comes out. No time-outs:
// a workload's fragments are sent within Linux's 30 seconds.
//
// Thread safety: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace penstock {

class Reassembly {
 public:
  // `ip` begins at the IPv4 header of a fragment that the oracle has judged and is at least as long as its
  // header and total length say. Gives the whole datagram, a header of 20 bytes in front, when this
  // fragment completes it.
  std::optional<std::vector<std::byte>> add(std::span<const std::byte> ip);

  std::size_t unfinished() const { return pending_.size(); }

 private:
  using Key = std::array<std::byte, 11>;  // source, destination, id, protocol
  struct Pending {
    std::map<std::size_t, std::vector<std::byte>> parts;  // by offset
    std::optional<std::size_t> length;                    // known from the last fragment
    bool dead = false;
  };

  std::map<Key, Pending> pending_;
};

}  // namespace penstock
