// Each row of bpf/exceptions.toml by an experiment of its name.
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include "sim/exceptions/experiment.h"
#include "sim/topology/iproute.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

Status run_ip(const VethTopology& topology, const std::string& line) {
  return ip_batch(topology.receiver().ns, {line});
}

TEST_F(Exception, udp_checksum_bad) {
  UdpHeader bad = udp();
  bad.checksum = ChecksumMode::kBad;
  expect_row({.frames = {frame(ip(), bad)}});
}

TEST_F(Exception, firewall_bypassed) {
  const auto drop = [](const VethTopology& topology) -> Status {
    const Result<std::string> done =
        check_program({.arguments = {"nft", "-f", "-"},
                       .input = "table inet penstock { chain in { type filter hook input priority 0;\n"
                                "udp sport 4242 drop; }; }\n",
                       .network_namespace = topology.receiver().ns.fd()});
    if (!done) return tl::unexpected(done.error());
    return {};
  };
  expect_row({.before_witness = drop, .frames = {frame(ip(), udp())}});
}

TEST_F(Exception, rp_filter_bypassed) {
  const auto strict = [](const VethTopology& topology) -> Status {
    const VethTopology::End& receiver = topology.receiver();
    if (Status s = receiver.ns.set_sysctl("ipv4/conf/" + receiver.interface + "/rp_filter", "1"); !s)
      return s;
    return run_ip(topology, "route add 198.18.77.0/24 dev lo");  // answers would leave elsewhere
  };
  expect_row({.before_witness = strict, .frames = {frame(ip(), udp())}});
}

TEST_F(Exception, address_gone) {
  Ipv4Header to_loopback = ip();
  to_loopback.destination = FuzzHost{}.addresses()[1];
  expect_row({.after_witness =
                  [](const VethTopology& topology) {
                    return run_ip(topology,
                                  "address del " + FuzzHost{}.addresses()[1].to_string() + "/32 dev lo");
                  },
              .frames = {frame(to_loopback, udp())}});
}

TEST_F(Exception, group_destination) {
  Ipv4Header to_all = ip();
  to_all.destination = {{255, 255, 255, 255}};
  expect_row({.oracle_bound_to = FuzzHost{}.addresses().front(), .frames = {frame(to_all, udp())}});
}

TEST_F(Exception, oversize) {
  expect_row({.frames = {frame(ip(), udp(), 1'473)}});
}

TEST_F(Exception, partial_checksum_returned) {
  Experiment experiment{.sender_offloads = {.tx_checksum = true}};
  experiment.receiver.classifier.verify_udp_checksum = true;
  experiment.send = [this](const VethTopology& topology) -> Status {
    const Result<UniqueFd> fd = topology.sender().ns.socket(AF_INET, SOCK_DGRAM, 0);
    if (!fd) return tl::unexpected(fd.error());
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(udp().destination_port);
    to.sin_addr.s_addr = topology.receiver().address.network();
    const std::vector<std::byte> content = experiment_payload();
    if (::sendto(fd->get(), content.data(), content.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                 sizeof(to)) < 0)
      return fail("send by a socket", errno);
    return {};
  };
  expect_row(experiment);
}

TEST_F(Exception, ipv6_off) {
  expect_row({.host = {.ipv6 = true}, .frames = {frame(ip6(), udp())}});
}

// A hop-by-hop header of padding between IPv6 and UDP.
TEST_F(Exception, ipv6_slow_way) {
  FrameBytes with_extension = frame(ip6(), udp());
  const std::uint8_t extension[8] = {17, 0, 1, 4, 0, 0, 0, 0};
  const auto* bytes = reinterpret_cast<const std::byte*>(extension);
  with_extension.insert(with_extension.begin() + 14 + 40, bytes, bytes + sizeof(extension));
  with_extension[14 + 6] = std::byte{0};
  with_extension[14 + 5] = static_cast<std::byte>(8 + 100 + sizeof(extension));
  Experiment experiment{.host = {.ipv6 = true}, .frames = {with_extension}};
  experiment.receiver.classifier.ipv6 = true;
  expect_row(experiment);
}

TEST_F(Exception, companion_off) {
  Experiment experiment{.frames = {slow_frame()}};
  experiment.receiver.companion = Companion::kOff;
  expect_row(experiment);
}

TEST_F(Exception, companion_external) {
  Experiment experiment{.frames = {slow_frame()}, .other_program = true};
  experiment.receiver.companion = Companion::kExternal;
  expect_row(experiment);
}

TEST_F(Exception, slow_way_late) {
  expect_row({.frames = {slow_frame()}});
  // And late it is: sent first, handed out last.
  FrameBytes fast = frame(ip(), udp(), 99);
  Experiment both{.frames = {slow_frame(), fast}};
  const auto lengths = [](const Observed& observed) {
    std::vector<std::size_t> all;
    for (const std::string& datagram : observed.order)
      all.push_back(datagram.size());
    return all;
  };
  EXPECT_EQ(lengths(observe(both, std::nullopt)), (std::vector<std::size_t>{100, 99}));
  EXPECT_EQ(lengths(observe(both, Path::kUserspaceFilter)), (std::vector<std::size_t>{99, 100}));
}

}  // namespace
}  // namespace penstock
