// The AF_PACKET sender over a veth pair of the test's own namespace: what arrives at the other end is what
// the workload holds, at every pace. Runs under //ci/bazel:in_netns.sh, so interfaces go with the test.
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "engine/base/unique_fd.h"
#include "engine/packet/digest.h"
#include "sim/replay/sender.h"
#include "sim/topology/link.h"
#include "sim/topology/netns.h"
#include "sim/workload/generator.h"

namespace penstock {
namespace {

const MacAddress kSenderMac{{2, 0, 0, 0, 0, 1}};

void run(const std::string& command) {
  ASSERT_EQ(::system(command.c_str()), 0) << command;
}

// Sees every frame that arrives at an interface from kSenderMac.
class Listener {
 public:
  explicit Listener(const char* interface)
      : fd_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    const int room = 256 << 20;
    EXPECT_EQ(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), 0);
  }

  // Everything that arrived, in order. A veth delivers before the sender's call returns or very soon after.
  std::vector<std::vector<std::byte>> drain() {
    std::vector<std::vector<std::byte>> frames;
    pollfd readable{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    while (::poll(&readable, 1, 200) == 1) {
      std::array<std::byte, 2'048> buffer{};
      const ssize_t length = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (length < 14 || std::memcmp(&buffer[6], kSenderMac.bytes.data(), 6) != 0) continue;
      frames.emplace_back(buffer.begin(), buffer.begin() + length);
    }
    return frames;
  }

 private:
  UniqueFd fd_;
};

MultisetDigest digest_of(const std::vector<std::vector<std::byte>>& frames) {
  MultisetDigest digest;
  for (const auto& frame : frames)
    digest.add_frame(frame);
  return digest;
}

MultisetDigest digest_of(const Workload& workload) {
  MultisetDigest digest;
  for (const TimedFrame& frame : workload.frames())
    digest.add_frame(frame.bytes);
  return digest;
}

class PacketSenderTest : public testing::Test {
 protected:
  void SetUp() override {
    run("ip link add name near type veth peer name far");
    for (const char* end : {"near", "far"}) {
      run(std::string("ip link set dev ") + end + " addrgenmode none arp off up");
    }
    const auto here = NetNamespace::current();
    ASSERT_TRUE(here) << here.error().message();
    for (const char* end : {"near", "far"}) {
      const Status ready = wait_until_ready(*here, end, 10 * kSecond);
      ASSERT_TRUE(ready) << ready.error().message();
    }
    config_.ifindex = static_cast<int>(::if_nametoindex("near"));
  }
  void TearDown() override { run("ip link del dev near"); }

  static Workload first_light() {
    GeneratorConfig config{
        .profile = find_profile("first-light").value(),
        .seed = 1,
        .slots = 1,
        .link = {.sender_mac = kSenderMac, .receiver_mac = {{2, 0, 0, 0, 0, 2}}, .receiver = {{10, 0, 0, 2}}},
        .tvu_port = 8000};
    return std::move(generate_unsigned(config)->workload);
  }

  PacketSenderConfig config_;
};

TEST_F(PacketSenderTest, EverythingArrivesInOrderAndNothingLeavesEarly) {
  const Workload workload = first_light();
  Listener listener("far");
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  const auto arrived = listener.drain();

  EXPECT_EQ(digest_of(arrived).to_string(), digest_of(workload).to_string());
  ASSERT_EQ(arrived.size(), workload.frames().size());
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    ASSERT_TRUE(std::equal(arrived[i].begin(), arrived[i].end(), workload.frames()[i].bytes.begin())) << i;
  }
  EXPECT_EQ(report->sent.frames, workload.frames().size());
  EXPECT_EQ(report->sent.bytes, workload.bytes());
  EXPECT_EQ(report->by_kind[index_of(FrameKind::kShred)].frames, 1'600u);
  std::uint64_t kinds = 0;
  for (const SentCount& kind : report->by_kind)
    kinds += kind.frames;
  EXPECT_EQ(kinds, report->sent.frames);
  EXPECT_EQ(report->asked, workload.duration() - workload.frames().front().at);
  // The last frame is never early; the first may be late by what is on record.
  EXPECT_GE(report->elapsed + report->lateness_max, report->asked);
}

TEST_F(PacketSenderTest, FlatOutSendsTheSame) {
  const Workload workload = first_light();
  Listener listener("far");
  config_.pace = Pace::kFlatOut;
  config_.burst = 16;
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(digest_of(listener.drain()).to_string(), digest_of(workload).to_string());
  EXPECT_FALSE(report->missed_rate);
  EXPECT_EQ(report->asked, 0);
  EXPECT_GT(report->rate_pps(), 0u);
}

TEST_F(PacketSenderTest, FixedRateTakesAsLongAsAskedFor) {
  const Workload workload = first_light();
  Listener listener("far");
  config_.pace = Pace::kFixedRate;
  config_.pps = 20'000;
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(digest_of(listener.drain()).to_string(), digest_of(workload).to_string());
  EXPECT_GE(report->elapsed + report->lateness_max,
            static_cast<Nanoseconds>((workload.frames().size() - 1) * kSecond / 20'000));
}

TEST_F(PacketSenderTest, ReplaysAsOftenAsOneLikes) {
  const Workload workload = first_light();
  Listener listener("far");
  config_.pace = Pace::kFlatOut;
  ASSERT_TRUE(replay_packets(config_, workload));
  ASSERT_TRUE(replay_packets(config_, workload));
  EXPECT_EQ(listener.drain().size(), 2 * workload.frames().size());
}

TEST_F(PacketSenderTest, ReportsProgressToTheEnd) {
  const Workload workload = first_light();
  std::uint64_t last = 0;
  config_.progress = [&](std::uint64_t done, std::uint64_t of) {
    EXPECT_GE(done, last);
    EXPECT_EQ(of, workload.frames().size());
    last = done;
  };
  ASSERT_TRUE(replay_packets(config_, workload));
  EXPECT_EQ(last, workload.frames().size());
}

TEST_F(PacketSenderTest, OfNothingSendsNothing) {
  const Result<ReplayReport> report = replay_packets(config_, Workload({}));
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->sent.frames, 0u);
  EXPECT_EQ(report->rate_pps(), 0u);
  EXPECT_FALSE(report->missed_rate);
}

TEST_F(PacketSenderTest, AFrameBeyondTheMtuIsNamedBeforeAnythingIsSent) {
  Workload workload({});
  workload.add_copy(0, FrameKind::kShred, std::vector<std::byte>(1'514));
  workload.add_copy(0, FrameKind::kGossip, std::vector<std::byte>(1'515));
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, EMSGSIZE);
  EXPECT_EQ(report.error().what, "send frame 1 (gossip, 1515 bytes): near takes 14 to 1514 bytes");
}

TEST_F(PacketSenderTest, AFrameWithoutAnEthernetHeaderIsNamed) {
  Workload workload({});
  workload.add_copy(0, FrameKind::kImpaired, std::vector<std::byte>(13));
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().what, "send frame 0 (impaired, 13 bytes): near takes 14 to 1514 bytes");
}

TEST_F(PacketSenderTest, AnInterfaceThatIsNotUpIsRefused) {
  run("ip link set dev far down");
  const Result<ReplayReport> report = replay_packets(config_, first_light());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ENETDOWN);
}

TEST_F(PacketSenderTest, AnInterfaceThatDoesNotExistIsNamed) {
  config_.ifindex = 4'711;
  const Result<ReplayReport> report = replay_packets(config_, first_light());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().what, "find interface 4711 in this network namespace");
  EXPECT_EQ(report.error().code, ENODEV);
}

TEST_F(PacketSenderTest, AnInterfaceThatGoesAwayWhileSendingIsAnError) {
  Workload workload({});
  for (int i = 0; i < 10; ++i) {
    workload.add_copy(i * 200 * kMillisecond, FrameKind::kShred, std::vector<std::byte>(60));
  }
  bool downed = false;
  config_.progress = [&](std::uint64_t, std::uint64_t) {
    if (!downed) run("ip link set dev near down");
    downed = true;
  };
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ENETDOWN);
}

}  // namespace
}  // namespace penstock
