// The plain-UDP oracle, row by row: what Linux does with each kind of frame.
#include "sim/workload/oracle.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/byte_order.h"
#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

const MacAddress kMac{{2, 0, 0, 0, 0, 2}};
const Ipv4Address kReceiver{{10, 0, 0, 2}};
const Ipv4Address kSource{{198, 18, 0, 1}};

// A good datagram, to be spoiled in one place.
struct Parts {
  EthernetHeader ethernet{.destination = kMac, .source = {{2, 0, 0, 0, 0, 1}}};
  std::vector<Header> between{};  // tags
  Ipv4Header ip{.source = kSource, .destination = kReceiver};
  UdpHeader udp{.source_port = 8006, .destination_port = 8000};
  std::string payload = "a payload that is long enough";
  std::size_t padding = 0;

  std::vector<std::byte> frame() const {
    FrameBuilder builder;
    builder.add(ethernet);
    for (const Header& header : between)
      builder.add(header);
    builder.add(ip).add(udp).payload(std::as_bytes(std::span(payload))).padding(padding);
    return builder.build();
  }
};

Oracle oracle() {
  return Oracle({.mac = kMac, .addresses = {kReceiver}, .ports = {8000, 8001}});
}

struct Row {
  std::string_view name;
  std::function<void(Parts&)> change;
  Fate fate;
};

std::vector<std::byte> options(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values)
    bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

// NOLINTNEXTLINE(readability-function-size): a table of rows
const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"plain", [](Parts&) {}, Fate::kFast},
      {"another listed port", [](Parts& p) { p.udp.destination_port = 8001; }, Fate::kFast},
      {"unlisted port", [](Parts& p) { p.udp.destination_port = 8002; }, Fate::kHost},
      {"empty datagram", [](Parts& p) { p.payload.clear(); }, Fate::kFast},
      {"Ethernet padding", [](Parts& p) { p.padding = 18; }, Fate::kFast},
      {"UDP length leaves bytes behind", [](Parts& p) { p.udp.length = 12; }, Fate::kFast},
      {"UDP length 7", [](Parts& p) { p.udp.length = 7; }, Fate::kHost},
      {"UDP length 0", [](Parts& p) { p.udp.length = 0; }, Fate::kHost},
      {"UDP length beyond the frame", [](Parts& p) { p.udp.length = 2'000; }, Fate::kHost},
      {"UDP length beyond IP but inside the frame",
       [](Parts& p) { p.udp.length = static_cast<std::uint16_t>(8 + p.payload.size() + 4), p.padding = 10; },
       Fate::kHost},
      {"IP length beyond the frame", [](Parts& p) { p.ip.total_length = 2'000; }, Fate::kHost},
      {"IP length without room for UDP", [](Parts& p) { p.ip.total_length = 27; }, Fate::kHost},
      {"IP length below its header", [](Parts& p) { p.ip.total_length = 19; }, Fate::kHost},
      {"bad IP checksum", [](Parts& p) { p.ip.checksum = ChecksumMode::kBad; }, Fate::kHost},
      {"bad UDP checksum", [](Parts& p) { p.udp.checksum = ChecksumMode::kBad; }, Fate::kUnchecked},
      {"bad UDP checksum on the slow way",
       [](Parts& p) {
         p.udp.checksum = ChecksumMode::kBad, p.ip.options = options({1, 1, 1, 0});
       },
       Fate::kHost},
      {"UDP checksum 0", [](Parts& p) { p.udp.checksum = ChecksumMode::kZero; }, Fate::kFast},
      {"version 6", [](Parts& p) { p.ip.version = 6; }, Fate::kHost},
      {"IHL 4", [](Parts& p) { p.ip.ihl = 4; }, Fate::kHost},
      {"no-operation options",
       [](Parts& p) {
         p.ip.options = options({1, 1, 1, 0});
       },
       Fate::kSlow},
      {"record route",
       [](Parts& p) {
         p.ip.options = options({7, 7, 4, 0, 0, 0, 0});
       },
       Fate::kSlow},
      {"record route without room",
       [](Parts& p) {
         p.ip.options = options({7, 5, 4, 0, 0});
       },
       Fate::kHost},
      {"record route with a pointer below 4",
       [](Parts& p) {
         p.ip.options = options({7, 7, 3, 0, 0, 0, 0});
       },
       Fate::kHost},
      {"option of length 1",
       [](Parts& p) {
         p.ip.options = options({7, 1, 4, 0});
       },
       Fate::kHost},
      {"option longer than the header",
       [](Parts& p) {
         p.ip.options = options({148, 9, 0, 0});
       },
       Fate::kHost},
      {"loose source route",
       [](Parts& p) {
         p.ip.options = options({131, 7, 4, 10, 0, 0, 9});
       },
       Fate::kHost},
      {"strict source route",
       [](Parts& p) {
         p.ip.options = options({137, 7, 4, 10, 0, 0, 9});
       },
       Fate::kHost},
      {"first fragment", [](Parts& p) { p.ip.more_fragments = true; }, Fate::kFragment},
      {"later fragment", [](Parts& p) { p.ip.fragment_offset = 100; }, Fate::kFragment},
      {"reserved fragment bit", [](Parts& p) { p.ip.reserved_bit = true; }, Fate::kFast},
      {"TTL 0", [](Parts& p) { p.ip.ttl = 0; }, Fate::kFast},
      {"source port 0", [](Parts& p) { p.udp.source_port = 0; }, Fate::kFast},
      {"TCP", [](Parts& p) { p.ip.protocol = kProtocolTcp; }, Fate::kHost},
      {"priority tag", [](Parts& p) { p.between = {VlanTag{.vid = 0, .priority = 5}}; }, Fate::kSlow},
      {"VLAN 7", [](Parts& p) { p.between = {VlanTag{.vid = 7}}; }, Fate::kHost},
      {"two tags",
       [](Parts& p) {
         p.between = {VlanTag{.tag_type = kEthertypeQinQ}, VlanTag{.vid = 7}};
       },
       Fate::kHost},
      {"another ethertype", [](Parts& p) { p.ethernet.ethertype = 0x88cc; }, Fate::kHost},
      {"another station's MAC", [](Parts& p) { p.ethernet.destination.bytes[5] = 9; }, Fate::kHost},
      {"broadcast MAC",
       [](Parts& p) {
         p.ethernet.destination = {{255, 255, 255, 255, 255, 255}};
       },
       Fate::kSlow},
      {"multicast MAC",
       [](Parts& p) {
         p.ethernet.destination = {{1, 0, 0x5e, 0, 0, 5}};
       },
       Fate::kSlow},
      {"destination of another host",
       [](Parts& p) {
         p.ip.destination = {{10, 0, 0, 3}};
       },
       Fate::kHost},
      {"destination loopback",
       [](Parts& p) {
         p.ip.destination = {{127, 0, 0, 1}};
       },
       Fate::kHost},
      {"source loopback",
       [](Parts& p) {
         p.ip.source = {{127, 0, 0, 1}};
       },
       Fate::kHost},
      {"source zero", [](Parts& p) { p.ip.source = {}; }, Fate::kHost},
      {"source multicast",
       [](Parts& p) {
         p.ip.source = {{224, 0, 0, 5}};
       },
       Fate::kHost},
      {"source broadcast",
       [](Parts& p) {
         p.ip.source = {{255, 255, 255, 255}};
       },
       Fate::kHost},
      {"limited broadcast, to a socket on one address",
       [](Parts& p) {
         p.ip.destination = {{255, 255, 255, 255}};
       },
       Fate::kHost},
      {"source of the receiver itself", [](Parts& p) { p.ip.source = kReceiver; }, Fate::kHost},
      {"source in 0/8",
       [](Parts& p) {
         p.ip.source = {{0, 1, 2, 3}};
       },
       Fate::kFast},
      {"source in 240/4",
       [](Parts& p) {
         p.ip.source = {{240, 0, 0, 1}};
       },
       Fate::kFast},
      {"longer than a UMEM chunk", [](Parts& p) { p.payload.assign(1'800, 'x'); }, Fate::kSlow},
  };
  return kRows;
}

TEST(Oracle, JudgesEveryRow) {
  for (const Row& row : rows()) {
    Parts parts;
    row.change(parts);
    EXPECT_EQ(static_cast<int>(oracle().judge(parts.frame()).fate), static_cast<int>(row.fate)) << row.name;
  }
}

TEST(Oracle, GivesEndpointsAndTrimsThePayload) {
  Parts parts;
  parts.udp.length = 12;
  parts.padding = 5;
  const auto frame = parts.frame();
  const Judgement judgement = oracle().judge(frame);
  EXPECT_EQ(judgement.source.to_string(), "198.18.0.1:8006");
  EXPECT_EQ(judgement.destination.to_string(), "10.0.0.2:8000");
  EXPECT_EQ(judgement.payload.data(), &frame[42]);
  EXPECT_EQ(judgement.payload.size(), 4u);
}

TEST(Oracle, FindsThePayloadBehindOptionsAndTags) {
  Parts parts;
  parts.ip.options = options({1, 1, 1, 0});
  parts.between = {VlanTag{}};
  const auto frame = parts.frame();
  const Judgement judgement = oracle().judge(frame);
  EXPECT_EQ(judgement.payload.data(), &frame[42 + 4 + 4]);
  EXPECT_EQ(judgement.payload.size(), parts.payload.size());
}

// Reads nothing behind a frame that was cut: each length is a memory block of its own.
TEST(Oracle, PassesEveryCutFrame) {
  for (const Row& row : rows()) {
    Parts parts;
    row.change(parts);
    const auto whole = parts.frame();
    for (std::size_t length = 0; length < whole.size() - parts.padding; ++length) {
      const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const Fate fate = oracle().judge(cut).fate;
      const bool cut_only_smuggled_bytes = parts.udp.length || parts.ip.total_length;
      if (!cut_only_smuggled_bytes) {
        EXPECT_EQ(static_cast<int>(fate), static_cast<int>(Fate::kHost)) << row.name << " " << length;
      }
    }
  }
}

TEST(Oracle, WithTheVlanOptionTwoPriorityTagsAreFast) {
  const Oracle tagged({.mac = kMac, .addresses = {kReceiver}, .ports = {8000}, .vlan = true});
  Parts parts;
  for (const Fate fate : {Fate::kFast, Fate::kFast, Fate::kFast, Fate::kSlow}) {
    EXPECT_EQ(tagged.judge(parts.frame()).fate, fate) << parts.between.size() << " tags";
    parts.between.push_back(VlanTag{.priority = 3});
  }
  parts.between = {VlanTag{.vid = 7}};
  EXPECT_EQ(tagged.judge(parts.frame()).fate, Fate::kHost) << "a VLAN that is not there";
}

TEST(Oracle, ASocketOnAnyAddressGetsLimitedBroadcasts) {
  const Oracle any({.mac = kMac, .addresses = {kReceiver}, .ports = {8000}, .any_address = true});
  const auto fate = [&any](Ipv4Address source, Ipv4Address destination) {
    Parts parts;
    parts.ip.source = source;
    parts.ip.destination = destination;
    return any.judge(parts.frame()).fate;
  };
  const Ipv4Address broadcast{{255, 255, 255, 255}};
  EXPECT_EQ(fate(kSource, broadcast), Fate::kSlow);
  EXPECT_EQ(fate({}, broadcast), Fate::kSlow) << "from a host that has no address yet";
  EXPECT_EQ(fate({}, kReceiver), Fate::kHost);
  EXPECT_EQ(fate(kReceiver, broadcast), Fate::kHost);
  EXPECT_EQ(fate(kSource, kReceiver), Fate::kFast);
}

TEST(Oracle, WithoutAddressesAnyDestinationIsItsOwn) {
  Parts parts;
  parts.ip.destination = {{203, 0, 113, 1}};
  EXPECT_EQ(Oracle({.mac = kMac, .ports = {8000}}).judge(parts.frame()).fate, Fate::kFast);
}

}  // namespace
}  // namespace penstock
