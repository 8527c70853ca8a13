// A magic number and the batch's number.
#include "sim/oracle_fuzz/marks.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

// Not what a mutated payload of this testbed can begin with by chance.
constexpr std::array<std::uint8_t, 16> kMagic = {0xc4, 0x1d, 0x9f, 0x52, 0x77, 0xe8, 0x03, 0xba,
                                                 0x6e, 0x35, 0xd1, 0x8c, 0x49, 0xf0, 0x2b, 0x96};
constexpr std::size_t kMarkBytes = kMagic.size() + sizeof(std::uint32_t);
constexpr Ipv4Address kSource{{198, 51, 100, 7}};
constexpr std::uint16_t kSourcePort = 7;

}  // namespace

std::vector<std::byte> mark_frame(const VethTopology& topology, MarkKind kind, std::uint32_t batch,
                                  std::uint16_t port) {
  std::array<std::byte, kMarkBytes> payload;
  std::memcpy(payload.data(), kMagic.data(), kMagic.size());
  std::memcpy(payload.data() + kMagic.size(), &batch, sizeof(batch));

  FrameBuilder builder;
  builder.add(EthernetHeader{.destination = topology.receiver().mac, .source = topology.sender().mac});
  if (kind == MarkKind::kIpv6) {
    Ipv6Header ip;
    ip.source = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};
    ip.destination = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    builder.add(ip);
  } else {
    Ipv4Header ip;
    ip.source = kSource;
    ip.destination = topology.receiver().address;
    ip.dont_fragment = true;
    if (kind == MarkKind::kSlow) ip.options = std::vector<std::byte>(4, std::byte{1});
    builder.add(ip);
  }
  builder.add(UdpHeader{.source_port = kSourcePort, .destination_port = port}).payload(payload);
  return builder.build();
}

std::optional<std::uint32_t> batch_of_mark(const Datagram& datagram) {
  if (datagram.payload.size() != kMarkBytes || datagram.source_port != kSourcePort) return std::nullopt;
  if (std::memcmp(datagram.payload.data(), kMagic.data(), kMagic.size()) != 0) return std::nullopt;
  std::uint32_t batch = 0;
  std::memcpy(&batch, datagram.payload.data() + kMagic.size(), sizeof(batch));
  return batch;
}

}  // namespace penstock
