// What the makers of special cases share: good headers and a tagged payload. Internal to this package.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "engine/packet/frame_builder.h"
#include "sim/oracle_fuzz/stage.h"

namespace penstock {

class CaseMaker {
 public:
  CaseMaker(const FuzzHost& host, std::uint64_t seed, std::uint64_t number);

  Random& random() { return random_; }
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }

  // Of a datagram that every path delivers, from a source of this case's own.
  EthernetHeader ethernet() const;
  Ipv4Header ip();
  Ipv6Header ip6();
  UdpHeader udp();
  // The case's number, then random bytes.
  std::vector<std::byte> payload(std::size_t bytes);

  // A UDP header with the payload behind it, as it stands behind `ip`, by itself.
  template <typename Ip>
  std::vector<std::byte> datagram(const Ip& ip, const UdpHeader& udp, std::size_t bytes) {
    const std::vector<std::byte> content = payload(bytes);
    const FrameBytes frame = FrameBuilder().add(ip).add(udp).payload(content).build();
    return {frame.begin() + static_cast<std::ptrdiff_t>(ip.size()), frame.end()};
  }

 private:
  const FuzzHost& host_;
  std::uint64_t number_;
  Random random_;
};

// The frames of one case.
std::vector<FrameBytes> make_fragments(CaseMaker& maker);
std::vector<FrameBytes> make_ipv6_fragments(CaseMaker& maker);
std::vector<FrameBytes> make_options(CaseMaker& maker);
std::vector<FrameBytes> make_ipv6_extensions(CaseMaker& maker);
std::vector<FrameBytes> make_group_destination(CaseMaker& maker);

}  // namespace penstock
