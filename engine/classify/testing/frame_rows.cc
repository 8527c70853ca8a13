// The rows, each a good datagram with one thing changed.
#include "engine/classify/testing/frame_rows.h"

#include <functional>
#include <utility>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

const MacAddress kOurMac{{2, 0, 0, 0, 0, 2}};
const MacAddress kPeerMac{{2, 0, 0, 0, 0, 1}};
const Ipv4Address kOurs{{10, 1, 0, 2}};
const Ipv4Address kOursToo{{10, 1, 0, 3}};
const Ipv4Address kPeer{{192, 0, 2, 1}};
constexpr std::uint16_t kPort = 8003;
constexpr std::size_t kPayload = 100;

// What a row may change.
struct Parts {
  EthernetHeader ethernet{.destination = kOurMac, .source = kPeerMac};
  std::vector<VlanTag> tags;
  Ipv4Header ip{.source = kPeer, .destination = kOurs, .id = 1};
  UdpHeader udp{.source_port = 8006, .destination_port = kPort};
  std::size_t payload = kPayload;
  std::size_t padding = 0;
};

std::vector<std::byte> build(const Parts& parts) {
  const std::vector<std::byte> payload(parts.payload, std::byte{0x42});
  FrameBuilder builder;
  builder.add(parts.ethernet);
  for (const VlanTag& tag : parts.tags)
    builder.add(tag);
  builder.add(parts.ip).add(parts.udp).payload(payload).padding(parts.padding);
  return builder.build();
}

class Rows {
 public:
  void take(std::string name, std::size_t payload, const std::function<void(Parts&)>& change) {
    Parts parts;
    change(parts);
    rows_.push_back({std::move(name), build(parts), PENSTOCK_TAKEN, payload});
  }
  void pass(std::string name, penstock_reason reason, const std::function<void(Parts&)>& change) {
    Parts parts;
    change(parts);
    rows_.push_back({std::move(name), build(parts), reason});
  }
  void add(FrameRow row) { rows_.push_back(std::move(row)); }
  std::vector<FrameRow> finish() { return std::move(rows_); }

 private:
  std::vector<FrameRow> rows_;
};

void add_taken(Rows& rows) {
  rows.take("data shred", 1203, [](Parts& p) { p.payload = 1203; });
  rows.take("code shred", 1228, [](Parts& p) { p.payload = 1228; });
  rows.take("second listed port", kPayload, [](Parts& p) { p.udp.destination_port = 8701; });
  rows.take("second local address", kPayload, [](Parts& p) { p.ip.destination = kOursToo; });
  rows.take("empty datagram", 0, [](Parts& p) { p.payload = 0; });
  rows.take("empty datagram with Ethernet padding", 0, [](Parts& p) {
    p.payload = 0;
    p.padding = 18;
  });
  rows.take("padding behind the IP packet is trimmed", kPayload, [](Parts& p) { p.padding = 40; });
  rows.take("bytes between UDP length and IP length are trimmed", kPayload - 10,
            [](Parts& p) { p.udp.length = 8 + kPayload - 10; });
  rows.take("UDP checksum 0", kPayload, [](Parts& p) { p.udp.checksum = ChecksumMode::kZero; });
  rows.take("bad UDP checksum: not verified by default", kPayload,
            [](Parts& p) { p.udp.checksum = ChecksumMode::kBad; });
  rows.take("partial UDP checksum", kPayload, [](Parts& p) { p.udp.checksum = ChecksumMode::kPartial; });
  rows.take("TTL 0", kPayload, [](Parts& p) { p.ip.ttl = 0; });
  rows.take("source port 0", kPayload, [](Parts& p) { p.udp.source_port = 0; });
  rows.take("do not fragment", kPayload, [](Parts& p) { p.ip.dont_fragment = true; });
  rows.take("reserved fragment bit", kPayload, [](Parts& p) { p.ip.reserved_bit = true; });
  rows.take("source in 0/8", kPayload, [](Parts& p) { p.ip.source = {{0, 1, 2, 3}}; });
  rows.take("source in 240/4", kPayload, [](Parts& p) { p.ip.source = {{240, 1, 2, 3}}; });
  rows.take("broadcast source MAC", kPayload, [](Parts& p) {
    p.ethernet.source = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  });
  rows.take("longest frame that fits a chunk", 1792 - 42, [](Parts& p) { p.payload = 1792 - 42; });
}

void add_link_layer(Rows& rows) {
  rows.pass("802.1Q tag", PENSTOCK_VLAN, [](Parts& p) { p.tags.push_back({.vid = 7}); });
  rows.pass("802.1Q priority tag, VID 0", PENSTOCK_VLAN, [](Parts& p) { p.tags.push_back({.vid = 0}); });
  rows.pass("802.1ad tag", PENSTOCK_VLAN,
            [](Parts& p) { p.tags.push_back({.vid = 7, .tag_type = kEthertypeQinQ}); });
  rows.pass("IPv6 ethertype", PENSTOCK_IPV6, [](Parts& p) { p.ethernet.ethertype = kEthertypeIpv6; });
  rows.pass("ARP ethertype", PENSTOCK_ETHERTYPE, [](Parts& p) { p.ethernet.ethertype = kEthertypeArp; });
  rows.pass("ethertype one below IPv4", PENSTOCK_ETHERTYPE, [](Parts& p) { p.ethernet.ethertype = 0x07ff; });
  rows.pass("for another station", PENSTOCK_DESTINATION_MAC, [](Parts& p) {
    p.ethernet.destination = {{2, 0, 0, 0, 0, 3}};
  });
  rows.pass("another station, first byte", PENSTOCK_DESTINATION_MAC, [](Parts& p) {
    p.ethernet.destination = {{6, 0, 0, 0, 0, 2}};
  });
  rows.pass("Ethernet broadcast", PENSTOCK_DESTINATION_MAC, [](Parts& p) {
    p.ethernet.destination = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  });
}

void add_ip_header(Rows& rows) {
  rows.pass("version 6 under ethertype IPv4", PENSTOCK_IP_VERSION, [](Parts& p) { p.ip.version = 6; });
  rows.pass("version 0", PENSTOCK_IP_VERSION, [](Parts& p) { p.ip.version = 0; });
  rows.pass("IHL 0", PENSTOCK_IHL, [](Parts& p) { p.ip.ihl = 0; });
  rows.pass("IHL 4", PENSTOCK_IHL, [](Parts& p) { p.ip.ihl = 4; });
  rows.pass("IHL 6, one option word", PENSTOCK_IP_OPTIONS,
            [](Parts& p) { p.ip.options.assign(4, std::byte{1}); });
  rows.pass("IHL 15, forty bytes of options", PENSTOCK_IP_OPTIONS,
            [](Parts& p) { p.ip.options.assign(40, std::byte{1}); });
  rows.pass("GRE", PENSTOCK_GRE, [](Parts& p) { p.ip.protocol = 47; });
  rows.pass("TCP", PENSTOCK_PROTOCOL, [](Parts& p) { p.ip.protocol = 6; });
  rows.pass("UDP-Lite", PENSTOCK_PROTOCOL, [](Parts& p) { p.ip.protocol = 136; });
  rows.pass("first fragment", PENSTOCK_FRAGMENT, [](Parts& p) { p.ip.more_fragments = true; });
  rows.pass("later fragment", PENSTOCK_FRAGMENT, [](Parts& p) { p.ip.fragment_offset = 1; });
  rows.pass("last possible fragment offset", PENSTOCK_FRAGMENT,
            [](Parts& p) { p.ip.fragment_offset = 0x1fff; });
  rows.pass("total length one beyond the frame", PENSTOCK_IP_LENGTH,
            [](Parts& p) { p.ip.total_length = 20 + 8 + kPayload + 1; });
  rows.pass("total length 65535", PENSTOCK_IP_LENGTH, [](Parts& p) { p.ip.total_length = 65535; });
  rows.pass("total length 27: no room for UDP", PENSTOCK_IP_LENGTH, [](Parts& p) { p.ip.total_length = 27; });
  rows.pass("total length 0", PENSTOCK_IP_LENGTH, [](Parts& p) { p.ip.total_length = 0; });
  rows.pass("bad header checksum", PENSTOCK_IP_CHECKSUM,
            [](Parts& p) { p.ip.checksum = ChecksumMode::kBad; });
}

void add_udp_header(Rows& rows) {
  rows.pass("unlisted port", PENSTOCK_PORT, [](Parts& p) { p.udp.destination_port = 8004; });
  rows.pass("port 0", PENSTOCK_PORT, [](Parts& p) { p.udp.destination_port = 0; });
  rows.pass("listed port as the source only", PENSTOCK_PORT,
            [](Parts& p) { std::swap(p.udp.source_port, p.udp.destination_port); });
  rows.pass("port with its bytes swapped", PENSTOCK_PORT, [](Parts& p) { p.udp.destination_port = 0x431f; });
  rows.pass("UDP length 7", PENSTOCK_UDP_LENGTH, [](Parts& p) { p.udp.length = 7; });
  rows.pass("UDP length 0", PENSTOCK_UDP_LENGTH, [](Parts& p) { p.udp.length = 0; });
  rows.pass("UDP length one beyond the IP payload", PENSTOCK_UDP_LENGTH,
            [](Parts& p) { p.udp.length = 8 + kPayload + 1; });
  rows.pass("UDP length beyond the IP payload, inside the frame", PENSTOCK_UDP_LENGTH, [](Parts& p) {
    p.udp.length = 8 + kPayload + 1;
    p.padding = 40;
  });
}

void add_addresses(Rows& rows) {
  rows.pass("loopback source", PENSTOCK_MARTIAN_SOURCE, [](Parts& p) { p.ip.source = {{127, 0, 0, 1}}; });
  rows.pass("zero source", PENSTOCK_MARTIAN_SOURCE, [](Parts& p) { p.ip.source = {{0, 0, 0, 0}}; });
  rows.pass("multicast source", PENSTOCK_MARTIAN_SOURCE, [](Parts& p) { p.ip.source = {{224, 0, 0, 1}}; });
  rows.pass("last multicast source", PENSTOCK_MARTIAN_SOURCE, [](Parts& p) {
    p.ip.source = {{239, 255, 255, 255}};
  });
  rows.pass("broadcast source", PENSTOCK_MARTIAN_SOURCE, [](Parts& p) {
    p.ip.source = {{255, 255, 255, 255}};
  });
  rows.pass("our own address as the source", PENSTOCK_OWN_SOURCE, [](Parts& p) { p.ip.source = kOursToo; });
  rows.pass("another host's address", PENSTOCK_DESTINATION, [](Parts& p) {
    p.ip.destination = {{10, 1, 0, 4}};
  });
  rows.pass("loopback destination", PENSTOCK_DESTINATION, [](Parts& p) {
    p.ip.destination = {{127, 0, 0, 1}};
  });
  rows.pass("multicast destination", PENSTOCK_DESTINATION, [](Parts& p) {
    p.ip.destination = {{224, 0, 0, 1}};
  });
  rows.pass("broadcast destination", PENSTOCK_DESTINATION, [](Parts& p) {
    p.ip.destination = {{255, 255, 255, 255}};
  });
}

// What is wrong in two ways is passed for the reason that is checked first.
void add_orders(Rows& rows) {
  rows.pass("options before fragment", PENSTOCK_IP_OPTIONS, [](Parts& p) {
    p.ip.options.assign(4, std::byte{1});
    p.ip.more_fragments = true;
  });
  rows.pass("protocol before fragment", PENSTOCK_PROTOCOL, [](Parts& p) {
    p.ip.protocol = 6;
    p.ip.fragment_offset = 3;
  });
  rows.pass("port before checksum", PENSTOCK_PORT, [](Parts& p) {
    p.udp.destination_port = 53;
    p.ip.checksum = ChecksumMode::kBad;
  });
  rows.pass("checksum before addresses", PENSTOCK_IP_CHECKSUM, [](Parts& p) {
    p.ip.checksum = ChecksumMode::kBad;
    p.ip.source = {{127, 0, 0, 1}};
  });
  rows.pass("MAC before addresses", PENSTOCK_DESTINATION_MAC, [](Parts& p) {
    p.ethernet.destination = kPeerMac;
    p.ip.destination = {{10, 1, 0, 4}};
  });
}

void add_lengths(Rows& rows) {
  rows.pass("one byte longer than a chunk holds", PENSTOCK_OVERSIZE,
            [](Parts& p) { p.payload = 1792 - 42 + 1; });
  const std::vector<std::byte> whole = taken_frame(kPayload);
  const auto cut = [&whole](std::size_t bytes) {
    return std::vector<std::byte>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes));
  };
  rows.add({"Ethernet header alone", cut(14), PENSTOCK_SHORT_FRAME});
  rows.add({"ends one byte inside the IP header", cut(33), PENSTOCK_SHORT_FRAME});
  rows.add({"ends behind the IP header", cut(34), PENSTOCK_IP_LENGTH});
  rows.add({"ends one byte inside the UDP header", cut(41), PENSTOCK_IP_LENGTH});
  rows.add({"ends behind the UDP header", cut(42), PENSTOCK_IP_LENGTH});
  rows.add({"last byte missing", cut(whole.size() - 1), PENSTOCK_IP_LENGTH});
}

}  // namespace

ClassifierConfig row_classifier() {
  return {.ports = {kPort, 8701}, .mac = kOurMac, .addresses = {kOurs, kOursToo}, .max_frame = 1792};
}

std::vector<std::byte> taken_frame(std::size_t payload_bytes) {
  Parts parts;
  parts.payload = payload_bytes;
  return build(parts);
}

std::vector<FrameRow> frame_rows() {
  Rows rows;
  add_taken(rows);
  add_link_layer(rows);
  add_ip_header(rows);
  add_udp_header(rows);
  add_addresses(rows);
  add_orders(rows);
  add_lengths(rows);
  return rows.finish();
}

}  // namespace penstock
