// Only what the stack itself sends counts. Needs root.
#include "sim/topology/host_frames.h"

#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "sim/replay/sender.h"
#include "sim/topology/port_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/veth.h"
#include "sim/workload/frames.h"

namespace penstock {
namespace {

template <typename T>
T value(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

constexpr std::uint64_t kOfHost = 3, kOfGenerator = 40;

TEST(HostFrames, CountsTheStacksOwnAndNotTheGenerators) {
  const VethTopology topology = value(VethTopology::create({}));
  const VethTopology::End& sender = topology.sender();
  const HostFrames counted = value(HostFrames::attach(sender.ns, {sender.interface, sender.index}));
  EXPECT_EQ(value(counted.read()), 0u);

  const UniqueFd socket = value(sender.ns.socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = topology.receiver().address.network();
  for (std::uint64_t i = 0; i < kOfHost; ++i) {
    ASSERT_EQ(::sendto(socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 1);
  }

  Workload workload({.profile = "test",
                     .link = {sender.mac, topology.receiver().mac, topology.receiver().address},
                     .tvu_port = 8003});
  const std::array<std::byte, 100> payload{};
  for (std::uint64_t i = 0; i < kOfGenerator; ++i)
    add_datagram(0, FrameKind::kJunk, {{{198, 18, 0, 1}}, 8006}, 8003, 1, payload, &workload);
  const auto sent = run_in(sender.ns, [&] {
    return replay_packets({.ifindex = static_cast<int>(sender.index), .pace = Pace::kFlatOut}, workload);
  });
  ASSERT_TRUE(sent) << sent.error().message();
  EXPECT_EQ(sent->sent.frames, kOfGenerator);

  const auto reader = value(PortCounterReader::open(sender.ns, sender.interface));
  const PortCounters device = value(wait_for_quiesce([&] { return reader.read(); }, 10 * kSecond));
  EXPECT_EQ(value(counted.read()), kOfHost);
  EXPECT_EQ(device.tx_packets + device.tx_dropped, kOfHost + kOfGenerator);
}

}  // namespace
}  // namespace penstock
