// The rows, each a good datagram with one thing changed.
#include "engine/classify/testing/option_rows.h"

#include <functional>
#include <string>
#include <utility>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

const MacAddress kOurMac{{2, 0, 0, 0, 0, 2}};
const Ipv6Address kOurs{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
const Ipv6Address kOursToo{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
const Ipv6Address kPeer{{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr std::size_t kPayload = 101;  // odd: the checksum has a last byte

struct Parts {
  EthernetHeader ethernet{.destination = kOurMac, .source = {{2, 0, 0, 0, 0, 1}}};
  std::vector<VlanTag> tags;
  bool ipv6 = false;
  Ipv4Header ip{.source = {{192, 0, 2, 1}}, .destination = {{10, 1, 0, 2}}, .id = 1};
  Ipv6Header ip6{.source = kPeer.bytes, .destination = kOurs.bytes};
  UdpHeader udp{.source_port = 8006, .destination_port = 8003};
  std::size_t payload = kPayload;
  std::size_t padding = 0;
};

std::vector<std::byte> build(const Parts& parts) {
  std::vector<std::byte> payload(parts.payload);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<std::byte>(i * 7 + 3);
  FrameBuilder builder;
  builder.add(parts.ethernet);
  for (const VlanTag& tag : parts.tags)
    builder.add(tag);
  if (parts.ipv6) {
    builder.add(parts.ip6);
  } else {
    builder.add(parts.ip);
  }
  builder.add(parts.udp).payload(payload).padding(parts.padding);
  return builder.build();
}

class Rows {
 public:
  using Change = std::function<void(Parts&)>;

  void take(std::string name, std::size_t payload, const Change& change) {
    rows_.push_back({std::move(name), changed(change, false), PENSTOCK_TAKEN, payload});
  }
  void pass(std::string name, penstock_reason reason, const Change& change) {
    rows_.push_back({std::move(name), changed(change, false), reason});
  }
  void take6(std::string name, std::size_t payload, const Change& change) {
    rows_.push_back({"IPv6: " + std::move(name), changed(change, true), PENSTOCK_TAKEN, payload});
  }
  void pass6(std::string name, penstock_reason reason, const Change& change) {
    rows_.push_back({"IPv6: " + std::move(name), changed(change, true), reason});
  }
  std::vector<FrameRow> finish() { return std::move(rows_); }

 private:
  static std::vector<std::byte> changed(const Change& change, bool ipv6) {
    Parts parts;
    parts.ipv6 = ipv6;
    change(parts);
    return build(parts);
  }

  std::vector<FrameRow> rows_;
};

void add_tags(Rows& rows) {
  const auto tag = [](std::uint16_t vid, std::uint16_t type) {
    return VlanTag{.vid = vid, .tag_type = type};
  };
  rows.take("priority tag", kPayload, [=](Parts& p) { p.tags = {tag(0, kEthertypeVlan)}; });
  rows.take("802.1ad tag with VID 0", kPayload, [=](Parts& p) { p.tags = {tag(0, kEthertypeQinQ)}; });
  rows.take("two priority tags", kPayload, [=](Parts& p) {
    p.tags = {tag(0, kEthertypeQinQ), tag(0, kEthertypeVlan)};
  });
  rows.take("priority tag with a priority", kPayload,
            [=](Parts& p) { p.tags = {VlanTag{.vid = 0, .priority = 7}}; });
  rows.pass("VID 1", PENSTOCK_VLAN, [=](Parts& p) { p.tags = {tag(1, kEthertypeVlan)}; });
  rows.pass("VID 4095", PENSTOCK_VLAN, [=](Parts& p) { p.tags = {tag(4095, kEthertypeVlan)}; });
  rows.pass("priority tag, then VID 7", PENSTOCK_VLAN, [=](Parts& p) {
    p.tags = {tag(0, kEthertypeVlan), tag(7, kEthertypeVlan)};
  });
  rows.pass("three priority tags", PENSTOCK_VLAN, [=](Parts& p) {
    p.tags = {tag(0, kEthertypeVlan), tag(0, kEthertypeVlan), tag(0, kEthertypeVlan)};
  });
  rows.pass("priority tag before ARP", PENSTOCK_ETHERTYPE,
            [=](Parts& p) { p.tags = {VlanTag{.vid = 0, .ethertype = kEthertypeArp}}; });
  rows.pass("bad header checksum behind a tag", PENSTOCK_IP_CHECKSUM, [=](Parts& p) {
    p.tags = {tag(0, kEthertypeVlan)};
    p.ip.checksum = ChecksumMode::kBad;
  });
  rows.take6("behind a priority tag", kPayload, [=](Parts& p) { p.tags = {tag(0, kEthertypeVlan)}; });
}

void add_ipv6(Rows& rows) {
  rows.take6("plain", kPayload, [](Parts&) {});
  rows.take6("empty datagram", 0, [](Parts& p) { p.payload = 0; });
  rows.take6("to the interface's link-local address", kPayload,
             [](Parts& p) { p.ip6.destination = kOursToo.bytes; });
  rows.take6("from a link-local address", kPayload,
             [](Parts& p) { p.ip6.source = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}; });
  rows.take6("padding is trimmed", kPayload, [](Parts& p) { p.padding = 30; });
  rows.take6("bytes behind the UDP length are trimmed", 50, [](Parts& p) {
    p.udp.length = 58;
    p.udp.checksum = ChecksumMode::kGood;
  });
  rows.pass6("version 4", PENSTOCK_IP_VERSION, [](Parts& p) {
    p.ipv6 = false;
    p.ethernet.ethertype = kEthertypeIpv6;
  });
  for (const int next : {0, 43, 50, 51, 60, 135}) {
    rows.pass6("next header " + std::to_string(next), PENSTOCK_IPV6_EXTENSION,
               [=](Parts& p) { p.ip6.next_header = static_cast<std::uint8_t>(next); });
  }
  rows.pass6("fragment header", PENSTOCK_FRAGMENT, [](Parts& p) { p.ip6.next_header = 44; });
  rows.pass6("GRE", PENSTOCK_GRE, [](Parts& p) { p.ip6.next_header = 47; });
  rows.pass6("TCP", PENSTOCK_PROTOCOL, [](Parts& p) { p.ip6.next_header = 6; });
  rows.pass6("no next header", PENSTOCK_PROTOCOL, [](Parts& p) { p.ip6.next_header = 59; });
  rows.pass6("payload length one beyond the frame", PENSTOCK_IP_LENGTH,
             [](Parts& p) { p.ip6.payload_length = 8 + kPayload + 1; });
  rows.pass6("payload length 7", PENSTOCK_IP_LENGTH, [](Parts& p) { p.ip6.payload_length = 7; });
  rows.pass6("payload length 0", PENSTOCK_IP_LENGTH, [](Parts& p) { p.ip6.payload_length = 0; });
  rows.pass6("unlisted port", PENSTOCK_PORT, [](Parts& p) { p.udp.destination_port = 8004; });
  rows.pass6("UDP length 7", PENSTOCK_UDP_LENGTH, [](Parts& p) { p.udp.length = 7; });
  rows.pass6("UDP length 0", PENSTOCK_UDP_LENGTH, [](Parts& p) { p.udp.length = 0; });
  rows.pass6("UDP length one beyond", PENSTOCK_UDP_LENGTH, [](Parts& p) { p.udp.length = 8 + kPayload + 1; });
  rows.pass6("UDP checksum 0", PENSTOCK_UDP_NO_CHECKSUM,
             [](Parts& p) { p.udp.checksum = ChecksumMode::kZero; });
  rows.pass6("for another station", PENSTOCK_DESTINATION_MAC, [](Parts& p) {
    p.ethernet.destination = {{2, 0, 0, 0, 0, 3}};
  });
}

void add_ipv6_addresses(Rows& rows) {
  rows.pass6("multicast source", PENSTOCK_MARTIAN_SOURCE, [](Parts& p) { p.ip6.source = {0xff, 2}; });
  rows.pass6("unspecified source", PENSTOCK_MARTIAN_SOURCE, [](Parts& p) { p.ip6.source = {}; });
  rows.pass6("loopback source", PENSTOCK_MARTIAN_SOURCE, [](Parts& p) {
    p.ip6.source = {};
    p.ip6.source[15] = 1;
  });
  rows.pass6("IPv4-mapped source", PENSTOCK_MARTIAN_SOURCE,
             [](Parts& p) { p.ip6.source = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 7}; });
  rows.pass6("our own address as the source", PENSTOCK_OWN_SOURCE,
             [](Parts& p) { p.ip6.source = kOursToo.bytes; });
  rows.pass6("another host's address", PENSTOCK_DESTINATION, [](Parts& p) { p.ip6.destination[15] = 3; });
  rows.pass6("multicast destination", PENSTOCK_DESTINATION, [](Parts& p) { p.ip6.destination = {0xff, 2}; });
  rows.pass6("IPv4-mapped destination", PENSTOCK_DESTINATION,
             [](Parts& p) { p.ip6.destination = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 7}; });
}

void add_ipv4_addresses(Rows& rows) {
  for (const int last : {2, 5, 6, 9}) {
    rows.take("to 10.1.0." + std::to_string(last), kPayload,
              [=](Parts& p) { p.ip.destination.bytes[3] = static_cast<std::uint8_t>(last); });
    rows.pass("from 10.1.0." + std::to_string(last), PENSTOCK_OWN_SOURCE, [=](Parts& p) {
      p.ip.source = {{10, 1, 0, static_cast<std::uint8_t>(last)}};
    });
  }
  rows.pass("to 10.1.0.10", PENSTOCK_DESTINATION, [](Parts& p) { p.ip.destination.bytes[3] = 10; });
  rows.pass("to 10.1.0.1", PENSTOCK_DESTINATION, [](Parts& p) { p.ip.destination.bytes[3] = 1; });
}

void add_checksums(Rows& rows) {
  for (const bool ipv6 : {false, true}) {
    const auto take = ipv6 ? &Rows::take6 : &Rows::take;
    const auto pass = ipv6 ? &Rows::pass6 : &Rows::pass;
    for (const std::size_t bytes : {0, 1, 2, 3, 4, 23, 24, 25, 31, 32, 33, 1203, 1228, 1700}) {
      (rows.*take)("good checksum over " + std::to_string(bytes), bytes,
                   [=](Parts& p) { p.payload = bytes; });
      (rows.*pass)("bad checksum over " + std::to_string(bytes), PENSTOCK_UDP_CHECKSUM, [=](Parts& p) {
        p.payload = bytes;
        p.udp.checksum = ChecksumMode::kBad;
      });
    }
    (rows.*pass)("partial checksum, as over veth", PENSTOCK_UDP_CHECKSUM,
                 [](Parts& p) { p.udp.checksum = ChecksumMode::kPartial; });
    (rows.*pass)("oversize before bad checksum", PENSTOCK_OVERSIZE, [](Parts& p) {
      p.payload = 1792;
      p.udp.checksum = ChecksumMode::kBad;
    });
  }
  rows.take("checksum 0", kPayload, [](Parts& p) { p.udp.checksum = ChecksumMode::kZero; });
}

}  // namespace

ClassifierConfig option_classifier() {
  ClassifierConfig config = row_classifier();
  config.addresses.clear();
  for (std::uint8_t last = 2; last <= 9; ++last)
    config.addresses.push_back({{10, 1, 0, last}});
  config.ipv6_addresses = {kOurs, kOursToo};
  config.vlan = config.ipv6 = config.verify_udp_checksum = true;
  return config;
}

std::vector<FrameRow> option_rows() {
  Rows rows;
  add_tags(rows);
  add_ipv6(rows);
  add_ipv6_addresses(rows);
  add_ipv4_addresses(rows);
  add_checksums(rows);
  return rows.finish();
}

}  // namespace penstock
