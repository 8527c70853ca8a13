// Shared headers of generated frames.
#include "sim/workload/frames.h"

namespace penstock {

namespace {
constexpr std::uint8_t kTtlAfterSomeHops = 57;
}  // namespace

EthernetHeader link_header(const LinkAddresses& link) {
  return {.destination = link.receiver_mac, .source = link.sender_mac};
}

Ipv4Header ip_header(const LinkAddresses& link, Ipv4Address source, std::uint16_t id) {
  Ipv4Header ip;
  ip.source = source;
  ip.destination = link.receiver;
  ip.id = id;
  ip.ttl = kTtlAfterSomeHops;
  ip.dont_fragment = true;
  return ip;
}

void add_frame(Nanoseconds at, FrameKind kind, FrameBuilder& builder, Workload* workload,
               const FrameOrigin& origin) {
  builder.pad_to(kMinFrameBytes);
  const std::span<std::byte> bytes = workload->allocate(builder.size());
  builder.write(bytes);
  workload->add({.at = at, .kind = kind, .origin = origin, .bytes = bytes});
}

void add_datagram(Nanoseconds at, FrameKind kind, const Endpoint& source, std::uint16_t port,
                  std::uint16_t ip_id, std::span<const std::byte> payload, Workload* workload,
                  const FrameOrigin& origin) {
  const LinkAddresses& link = workload->info().link;
  FrameBuilder builder;
  builder.add(link_header(link))
      .add(ip_header(link, source.address, ip_id))
      .add(UdpHeader{.source_port = source.port, .destination_port = port})
      .payload(payload);
  add_frame(at, kind, builder, workload, origin);
}

}  // namespace penstock
