// "Why do I receive nothing?" by real frames: a running engine on a veth is sent what it cannot use, and the
// answer names it. argv[1] is the binary. Needs root.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/unique_fd.h"
#include "engine/commands/testing/engine_on_veth.h"
#include "engine/monitor/why.h"
#include "engine/packet/frame_builder.h"
#include "engine/shred/base58.h"
#include "engine/shred/testing/signed_set.h"
#include "engine/testing/thread_stall.h"

namespace penstock {
namespace {

constexpr char kCompanionOff[] = "[receiver]\ncompanion = \"off\"\n";

class WhyTest : public EngineOnVeth {
 protected:
  EngineSample sample() const {
    const auto sample = parse_sample(page("/metrics").body);
    EXPECT_TRUE(sample) << sample.error().message();
    return sample.value_or(EngineSample{});
  }
  // The answer, by and by: what the kernel counts is some time behind. Empty for none.
  std::string answer_since(const EngineSample& before, const std::string& expected) {
    for (int i = 0; i < 500; ++i) {
      const auto answer = why_nothing(before, sample());
      said_ = answer.value_or(Answer{});
      if (said_.cause == expected) break;
      usleep(10'000);
    }
    return said_.cause;
  }
  // A sample in which everything that the engine was sent has come to its end.
  EngineSample settled(std::uint64_t frames) const {
    for (int i = 0; i < 1'000; ++i) {
      EngineSample now = sample();
      const CounterSnapshot& c = now.counters;
      const std::uint64_t ended = c.sum(Counter::kPublished) + c.sum(Counter::kFilterPass);
      if (c.sum(Counter::kXdpPass) + c.get(Counter::kXdpRedirect) == frames &&
          c.get(Counter::kXdpRedirect) == ended)
        return now;
      usleep(10'000);
    }
    ADD_FAILURE() << "the counters do not add up to " << frames << " frames\n" << page("/metrics").body;
    return {};
  }

  // Frames for our port in clothes of every kind.
  static std::vector<std::byte> frame(std::vector<Header> headers) {
    static constexpr std::array<std::byte, 100> kPayload{};
    FrameBuilder builder;
    for (Header& header : headers)
      builder.add(std::move(header));
    return builder.payload(kPayload).build();
  }
  static Header ethernet(MacAddress to = kMac) {
    return EthernetHeader{.destination = to, .source = kFarMac};
  }
  static Header udp(std::uint16_t port = kPort) {
    return UdpHeader{.source_port = 8006, .destination_port = port};
  }
  static Ipv4Header ipv4() { return {.source = kFarAddress, .destination = kAddress}; }

  Answer said_;
};

struct FrameRow {
  const char* cause;
  std::vector<std::byte> frame;
};

class WhyByFrames : public WhyTest, public ::testing::WithParamInterface<const char*> {
 protected:
  static std::vector<FrameRow> rows() {
    Ipv4Header elsewhere = ipv4(), bad = ipv4(), own = ipv4(), martian = ipv4(), fragment = ipv4(),
               options = ipv4();
    elsewhere.destination = Ipv4Address{{192, 0, 2, 77}};
    bad.checksum = ChecksumMode::kBad;
    own.source = kAddress;
    martian.source = Ipv4Address{{224, 0, 0, 1}};
    fragment.more_fragments = true;
    options.options.assign(4, std::byte{1});
    const MacAddress other{{2, 0, 0, 0, 0, 9}};
    return {
        {"passed_port", frame({ethernet(), ipv4(), udp(8007)})},
        {"passed_destination", frame({ethernet(), elsewhere, udp()})},
        {"passed_destination_mac", frame({ethernet(other), ipv4(), udp()})},
        {"passed_ip_checksum", frame({ethernet(), bad, udp()})},
        {"passed_own_source", frame({ethernet(), own, udp()})},
        {"passed_martian_source", frame({ethernet(), martian, udp()})},
        {"passed_udp_length", frame({ethernet(), ipv4(), UdpHeader{.destination_port = kPort, .length = 4}})},
        {"passed_gre", frame({ethernet(), ipv4(), GreHeader{}, ipv4(), udp()})},
        {"passed_vlan", frame({ethernet(), VlanTag{.vid = 7}, ipv4(), udp()})},
        {"passed_ipv6", frame({ethernet(), Ipv6Header{}, udp()})},
        {"passed_fragment", frame({ethernet(), fragment, udp()})},
        {"passed_ip_options", frame({ethernet(), options, udp()})},
        {"other_traffic", frame({ethernet(), ipv4(), TcpHeader{.destination_port = kPort}})},
        {"", frame({ethernet(), ipv4(), udp()})}};
  }
};

TEST_P(WhyByFrames, EachIsNamed) {
  start(std::string("path = \"") + GetParam() + "\"\n" + kCompanionOff);
  std::uint64_t sent = 0;
  for (const FrameRow& row : rows()) {
    const EngineSample before = settled(sent);
    for (int i = 0; i < 20; ++i, ++sent)
      send_frame(row.frame);
    EXPECT_EQ(answer_since(before, row.cause), row.cause) << said_.sentence;
    if (said_.cause.empty()) continue;
    EXPECT_NE(said_.sentence.find(said_.sentence.find('%') != std::string::npos ? "100 %" : "20"),
              std::string::npos)
        << said_.sentence;
    EXPECT_EQ((said_.sentence + said_.command).find_first_of("{}"), std::string::npos) << said_.command;
    EXPECT_FALSE(said_.receives);
  }
}

INSTANTIATE_TEST_SUITE_P(Filters, WhyByFrames, ::testing::Values("kernel_filter", "userspace_filter"));

TEST_F(WhyTest, NothingArrivesThenTheInterfaceIsDownThenATileStands) {
  start("[threads]\non_stall = \"report\"\n");
  const EngineSample before = settled(0);
  EXPECT_EQ(answer_since(before, "nothing_arrives"), "nothing_arrives");
  EXPECT_NE(said_.command.find("ip -s link show pen1"), std::string::npos);
  run("ip link set pen1 down");
  EXPECT_EQ(answer_since(before, "interface_down"), "interface_down");
  run("ip link set pen1 up");
  EXPECT_EQ(answer_since(before, "nothing_arrives"), "nothing_arrives");
  const auto hung = ThreadStall::begin(engine_->pid(), "pen-net");
  ASSERT_TRUE(hung) << hung.error().message();
  EXPECT_EQ(answer_since(before, "tile_stands"), "tile_stands");
}

TEST_F(WhyTest, AQueueHasNoSocket) {
  run("ip link del pen0");
  make_veth("numrxqueues 2 numtxqueues 2");
  start(std::string(kCompanionOff) + "sockets = 1\n");
  std::uint64_t sent = 0;
  std::string cause;
  // The source port decides which queue a frame comes to; half of them miss the socket.
  for (std::uint16_t source = 9000; source < 9100 && cause != "no_socket"; ++source) {
    const EngineSample before = settled(sent);
    for (int i = 0; i < 20; ++i, ++sent)
      send({.source_port = source});
    cause = why_nothing(before, settled(sent)).value_or(said_).cause;
  }
  EXPECT_EQ(cause, "no_socket");
}

TEST_F(WhyTest, EverythingIsLostInTheEngine) {
  start(std::string(kCompanionOff) + "max_payload = 64\n");
  const EngineSample before = sample();
  for (int i = 0; i < 20; ++i)
    send();
  EXPECT_EQ(answer_since(before, "lost"), "lost") << said_.cause;
  EXPECT_NE(said_.sentence.find("discarded{reason=\"oversize\"} (20)"), std::string::npos) << said_.sentence;
}

TEST_F(WhyTest, WhatComesTakesTheSlowWay) {
  start("");
  const EngineSample before = sample();
  for (int i = 0; i < 20; ++i)
    send({.options = true});
  EXPECT_EQ(answer_since(before, "passed_ip_options"), "passed_ip_options");
  EXPECT_TRUE(said_.sentence.starts_with("datagrams come, but by the slow way: ")) << said_.sentence;
  EXPECT_TRUE(said_.receives);
}

TEST_F(WhyTest, OnlyThisHostItselfSends) {
  start("");
  const EngineSample before = sample();
  const UniqueFd local(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kPort);
  to.sin_addr.s_addr = inet_addr("192.0.2.2");
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(::sendto(local.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 1);
  EXPECT_EQ(answer_since(before, "local_senders"), "local_senders");
}

TEST_F(WhyTest, SocketsHearNothing) {
  start("path = \"udp\"\n");
  const EngineSample before = sample();
  for (int i = 0; i < 20; ++i)
    send({.port = kOtherPort});
  EXPECT_EQ(answer_since(before, "sockets_silent"), "sockets_silent");
}

TEST_F(WhyTest, ShredsComeAndNoneIsUsed) {
  const std::string mine = to_base58(public_key_of(testing::test_leader(0)));
  const std::string other = to_base58(public_key_of(testing::test_leader(1)));
  const std::filesystem::path later = RunProcess::folder() / "later";
  std::ofstream(later) << "5000-5003 " << mine << "\n";
  const struct {
    const char* cause;
    std::string shreds;
  } rows[] = {
      {"shred_version", "version = 2\nleader = \"" + mine + "\""},
      {"shred_leader", "leader_file = \"" + later.string() + "\""},
      {"shred_signature", "leader = \"" + other + "\""},
      {"", "version = 1\nleader = \"" + mine + "\""},
  };
  const testing::SignedSet set = testing::make_signed_set({});
  for (const auto& row : rows) {
    start("[shreds]\nstage = \"full\"\n" + row.shreds + "\n");
    const EngineSample before = sample();
    for (int i = 0; i < 20; ++i)
      send_frame(datagram_of(set.shreds[static_cast<std::size_t>(i)], {}));
    EXPECT_EQ(answer_since(before, row.cause), row.cause) << said_.sentence;
    if (std::string(row.cause) == "shred_version") {
      EXPECT_NE(said_.sentence.find("another shred version than 2"), std::string::npos) << said_.sentence;
    }
  }
  start("[shreds]\nstage = \"cheap\"\n");
  const EngineSample before = sample();
  for (int i = 0; i < 20; ++i)
    send();  // no shreds at all
  EXPECT_EQ(answer_since(before, "shred_variant"), "shred_variant") << said_.sentence;
}

}  // namespace
}  // namespace penstock
