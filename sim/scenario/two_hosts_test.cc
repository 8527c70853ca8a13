// Hosts that speak, and a tap that leaves out what they say. Needs root.
#include "sim/scenario/two_hosts.h"

#include <atomic>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "sim/host/neighbours.h"
#include "sim/host/ping.h"
#include "sim/replay/sender.h"
#include "sim/scenario/path_run.h"
#include "sim/topology/host_tap.h"
#include "sim/topology/link.h"
#include "sim/topology/napi_thread.h"
#include "sim/topology/offloads.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/testing/value_of.h"
#include "sim/workload/frames.h"

namespace penstock {
namespace {

using testing::value_of;

const TwoHostsConfig kSpeaking{.demand = {.ipv6 = true, .dynamic_neighbours = true}, .traffic = {.pings = 1}};

TEST(TwoHosts, SilentOnesAreThoseOfThePathsLink) {
  const LinkedHosts hosts = value_of(make_two_hosts({.demand = {.queues = 2}}));
  EXPECT_EQ(hosts.sender().mac, path_link().sender_mac);
  EXPECT_EQ(hosts.receiver().mac, path_link().receiver_mac);
  EXPECT_EQ(tap_filter(hosts.sender(), {}), "");
}

TEST(TwoHosts, DecoupledOnesMergeNothingUnlessTheVethTakesFramesByIt) {
  for (const bool gro : {false, true}) {
    const LinkedHosts hosts = value_of(make_two_hosts({.demand = {.decoupled = true}, .gro = gro}));
    const LinkedHosts::End& receiver = hosts.receiver();
    EXPECT_TRUE(value_of(napi_has_a_thread(receiver.ns, receiver.interface)));
    EXPECT_EQ(value_of(read_offloads(receiver.ns, receiver.interface)), Offloads{.gro = gro});
  }
  const LinkedHosts coupled = value_of(make_two_hosts({}));
  EXPECT_FALSE(value_of(napi_has_a_thread(coupled.receiver().ns, coupled.receiver().interface)));
}

TEST(TwoHosts, FlowsAreSplitOverASecondLink) {
  const LinkedHosts hosts = value_of(make_two_hosts({.demand = {.second_interface = true}}));
  const LinkedHosts::End& from = hosts.sender();
  const LinkedHosts::End& to = hosts.receiver();
  Workload workload({.profile = "test", .link = path_link(), .tvu_port = 8003});
  const std::vector<std::byte> payload(50);
  for (std::uint8_t source = 0; source < 10; ++source)
    add_datagram(0, FrameKind::kJunk, {{{198, 18, 0, source}}, 8006}, 8003, 1, payload, &workload);
  ASSERT_TRUE(from.second && to.second);
  value_of(run_in(from.ns, [&] {
    return replay_packets({.ifindex = static_cast<int>(from.index),
                           .second_ifindex = static_cast<int>(from.second->index),
                           .pace = Pace::kFlatOut},
                          workload);
  }));
  const LinkReader links = value_of(LinkReader::open(to.ns));
  const auto received = [&](const std::string& name) {
    return value_of(links.read(name)).statistics.rx_packets;
  };
  const MonotonicClock clock;
  const Nanoseconds until = clock.now() + 60 * kSecond;
  while (received(to.interface) + received(to.second->interface) < 10 && clock.now() < until) {
  }
  EXPECT_EQ(received(to.interface), 5u);
  EXPECT_EQ(received(to.second->interface), 5u);
}

TEST(TwoHosts, FindEachOtherWhenDemanded) {
  const LinkedHosts hosts = value_of(make_two_hosts(kSpeaking));
  value_of(let_speak(hosts, kSpeaking));
  const Status found = check_neighbours(hosts);
  EXPECT_TRUE(found) << found.error().message();
}

TEST(TwoHosts, ATapLeavesOutWhatTheSendersHostSays) {
  const LinkedHosts hosts = value_of(make_two_hosts(kSpeaking));
  std::atomic<int> seen{0};
  HostTap tap = value_of(HostTap::start(
      hosts.receiver().ns, hosts.receiver().interface, [&seen](auto) { ++seen; }, HostTap::kBufferBytes,
      tap_filter(hosts.sender(), kSpeaking)));
  value_of(let_speak(hosts, kSpeaking));
  EXPECT_EQ(value_of(ping(hosts.sender().ns, hosts.receiver().address.to_string(), {.count = 3})).received,
            3u);
  // A generator's frame has the MAC of the path's link.
  std::vector<std::byte> frame(60);
  const LinkAddresses link = path_link();
  std::memcpy(frame.data(), link.receiver_mac.bytes.data(), 6);
  std::memcpy(frame.data() + 6, link.sender_mac.bytes.data(), 6);
  value_of(value_of(testing::RawSender::open(hosts.sender().ns, hosts.sender().index)).send(frame));
  value_of(tap.stop());
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace penstock
