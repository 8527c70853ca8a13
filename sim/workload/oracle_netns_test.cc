// The oracle against the kernel itself: a plain UDP socket in a namespace of its own receives exactly the
// payloads that the ledger expects of sockets, for ordinary traffic and for every hostile ingredient.
// Runs under //ci/bazel:in_netns.sh.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "engine/base/unique_fd.h"
#include "engine/packet/digest.h"
#include "sim/replay/sender.h"
#include "sim/workload/generator.h"
#include "sim/workload/hostile/hostile.h"
#include "sim/workload/impairments.h"
#include "sim/workload/ledger.h"
#include "sim/workload/unsigned_source.h"

namespace penstock {
namespace {

constexpr std::uint16_t kPort = 8000;
const LinkAddresses kLink{
    .sender_mac = {{2, 0, 0, 0, 0, 1}}, .receiver_mac = {{2, 0, 0, 0, 0, 2}}, .receiver = {{10, 0, 0, 2}}};

void run(const std::string& command) {
  ASSERT_EQ(::system(command.c_str()), 0) << command;
}

// A UDP socket bound to the receiver's address, made inside the namespace `rx`.
UniqueFd socket_in_receiver() {
  const UniqueFd here(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  const UniqueFd there(::open("/run/netns/rx", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(::setns(there.get(), CLONE_NEWNET), 0);
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  address.sin_addr.s_addr = kLink.receiver.network();
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  const int room = 256 << 20;
  EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), 0);
  EXPECT_EQ(::setns(here.get(), CLONE_NEWNET), 0);
  return fd;
}

// Waits for as many datagrams as expected, then a little for one too many.
MultisetDigest drain(int fd, std::uint64_t expected) {
  MultisetDigest digest;
  std::array<std::byte, 65'536> buffer{};
  pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
  while (::poll(&readable, 1, digest.count() < expected ? 3'000 : 30) == 1) {
    sockaddr_in from{};
    socklen_t length = sizeof(from);
    const ssize_t bytes =
        ::recvfrom(fd, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (bytes < 0) continue;
    digest.add_datagram({Ipv4Address::from_network(from.sin_addr.s_addr), ntohs(from.sin_port)},
                        {kLink.receiver, kPort}, std::span(buffer).first(static_cast<std::size_t>(bytes)));
  }
  return digest;
}

class OracleAndKernel : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    run("ip netns add rx");
    run("ip link add name near address 02:00:00:00:00:01 type veth "
        "peer name far netns rx address 02:00:00:00:00:02");
    run("ip link set dev near addrgenmode none mtu 2000 up");
    run("ip -n rx link set dev far addrgenmode none mtu 2000 up");
    run("ip -n rx address add 10.0.0.2/24 dev far");
    run("ip netns exec rx sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.far.rp_filter=0");
  }

  // Sends the workload and compares what the socket got with what the ledger expects.
  static void expect_agreement(const Workload& workload, const std::string& what) {
    const UniqueFd socket = socket_in_receiver();
    Ledger ledger(oracle_of(workload));
    ledger.add(workload);
    ReplayConfig config;
    config.ifindex = static_cast<int>(::if_nametoindex("near"));
    config.pace = Pace::kFixedRate;
    config.pps = 20'000;
    const Result<ReplayReport> report = replay_packets(config, workload);
    ASSERT_TRUE(report) << what << ": " << report.error().message();
    const MultisetDigest expected = ledger.expected_of_sockets();
    EXPECT_EQ(drain(socket.get(), expected.count()).to_string(), expected.to_string()) << what;
  }

  static SampleSets samples() {
    SampleSets made;
    UnsignedSource source({.seed = 1, .first_slot = 500, .sets_per_slot = 2});
    EXPECT_TRUE(source.next_set(&made.chained));
    EXPECT_TRUE(source.next_set(&made.resigned));
    return made;
  }
};

TEST_F(OracleAndKernel, AgreeAboutEveryHostileIngredient) {
  const SampleSets sets = samples();
  for (const HostileIngredient& ingredient : hostile_ingredients()) {
    // Plain datagrams whose shreds are well signed: nothing that the kernel looks at.
    if (ingredient.needs == HostileNeeds::kLeader) continue;
    Workload workload({.profile = "hostile", .link = kLink, .tvu_port = kPort});
    ASSERT_TRUE(
        add_hostile({.seed = 1, .names = {std::string(ingredient.name)}, .each = 20, .repair_port = 8007},
                    sets, &workload));
    expect_agreement(workload, std::string(ingredient.name));
  }
}

TEST_F(OracleAndKernel, AgreeAboutMixedTraffic) {
  const GeneratorConfig config{
      .profile = find_profile("mixed").value(), .seed = 1, .slots = 2, .link = kLink};
  expect_agreement(generate_unsigned(config)->workload, "mixed");
}

TEST_F(OracleAndKernel, AgreeAboutFramesCorruptedAndCutOnTheWire) {
  const GeneratorConfig config{
      .profile = find_profile("first-light").value(), .seed = 1, .slots = 2, .link = kLink};
  Workload workload = std::move(generate_unsigned(config)->workload);
  const Impairments impairments{.everything = true,
                                .corrupt_ppm = 500'000,
                                .corruption = Corruption::kWire,
                                .truncate_ppm = 100'000,
                                .duplicate_ppm = 100'000};
  ASSERT_TRUE(impair(impairments, 3, &workload));
  expect_agreement(workload, "impaired");
}

}  // namespace
}  // namespace penstock
