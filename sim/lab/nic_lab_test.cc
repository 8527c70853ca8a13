// The topology `nic` on a veth pair that stands in for two ports: taken, connected, given back; refused;
// killed. Needs root.
#include "sim/lab/nic_lab.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "sim/topology/iproute.h"
#include "sim/topology/link.h"

namespace penstock {
namespace {

class NicLabTest : public ::testing::Test {
 protected:
  NicLabTest() {
    lab_.name = "stand-ins";
    lab_.journal = std::filesystem::path(::testing::TempDir()) / "lab.journal";
    lab_.sender.interface = "port0";
    lab_.receiver.interface = "port1";
    lab_.sender.queues = lab_.receiver.queues = 2;
  }
  void SetUp() override {
    std::filesystem::remove(lab_.journal);
    const std::string four = " numrxqueues 4 numtxqueues 4 ";
    ASSERT_TRUE(ip_batch(home_, {"link add name port0" + four + "type veth peer name port1" + four,
                                 "link set dev port0 addrgenmode none", "link set dev port1 addrgenmode none",
                                 "link set dev port0 up", "link set dev port1 up"}));
    before_ = settings();
  }
  void TearDown() override { static_cast<void>(ip_batch(home_, {"link delete dev port0"})); }

  static std::vector<std::string> names() {
    return {
        "channels", "mac", "mtu", "up", "promiscuous", "feature rx-gro", "feature tx-checksum-ip-generic"};
  }
  // Of both ports, by port and name; empty values where a port is not at home.
  std::map<std::string, std::string> settings() const {
    std::map<std::string, std::string> all;
    for (const std::string port : {"port0", "port1"}) {
      const Port opened = Port::open(home_, port).value();
      for (const std::string& name : names())
        all[fmt::format("{} {}", port, name)] = opened.read(name).value_or("");
    }
    return all;
  }
  bool at_home(const std::string& interface) const {
    return LinkReader::open(home_).value().read(interface).has_value();
  }
  Result<std::unique_ptr<NicLab>> take() {
    said_.clear();
    return NicLab::take(lab_, said_);
  }
  std::string refusal() {
    const auto taken = take();
    return taken ? "taken" : taken.error().message();
  }

  // A run that gets as far as `body` and is killed with SIGKILL there.
  template <typename Body>
  void run_and_kill(Body body) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto taken = take();
      if (!taken) _exit(1);
      const auto kept = body(**taken);
      if (!kept || write(pipe[1], "x", 1) != 1) _exit(2);
      for (;;)
        pause();
    }
    close(pipe[1]);
    char told = 0;
    EXPECT_EQ(read(pipe[0], &told, 1), 1) << "the run ended by itself";
    close(pipe[0]);
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
  }

  const NetNamespace home_ = NetNamespace::current().value();
  Lab lab_;
  std::map<std::string, std::string> before_;
  std::vector<std::string> said_;
};

TEST_F(NicLabTest, TakesConnectsAndGivesBack) {
  lab_.receiver.features_off = {"rx-gro"};
  lab_.sender.features_on = {"rx-gro"};
  const auto taken = take();
  ASSERT_TRUE(taken) << taken.error().message();
  NicLab& lab = **taken;
  EXPECT_TRUE(std::filesystem::exists(lab_.journal));
  EXPECT_EQ(settings().at("port1 channels"), "combined=0 rx=2 tx=2");
  ASSERT_EQ(lab.record().ports.size(), 2u);
  EXPECT_EQ(lab.record().ports[1].driver, "veth");
  EXPECT_EQ(lab.record().ports[0].found.at("feature rx-gro"), "off");
  EXPECT_EQ(lab.record().ports[0].set.at("feature rx-gro"), "on");

  for (const std::uint32_t queues : {1u, 2u}) {  // turn after turn
    LinkConfig config{.queues = queues, .mtu = 3'000};
    const Result<LinkedHosts> hosts = lab.connect(config);
    ASSERT_TRUE(hosts) << hosts.error().message();
    EXPECT_FALSE(at_home("port0") || at_home("port1"));
    const LinkState link = LinkReader::open(hosts->receiver().ns).value().read("port1").value();
    EXPECT_EQ(link.mac, config.receiver.mac);
    EXPECT_EQ(link.mtu, 3'000u);
    EXPECT_EQ(link.index, hosts->receiver().index);
    EXPECT_TRUE(link.ready);
    const Port port = Port::open(hosts->receiver().ns, "port1").value();
    EXPECT_EQ(port.read("channels").value(), fmt::format("combined=0 rx={0} tx={0}", queues));
    EXPECT_EQ(port.read("promiscuous").value(), "on");
    EXPECT_EQ(port.read("feature tx-checksum-ip-generic").value(), "off");
  }
  EXPECT_TRUE(at_home("port0") && at_home("port1"));
  EXPECT_EQ(settings().at("port1 mtu"), "1500") << "what a turn sets goes with it";
  const Status back = lab.give_back();
  EXPECT_TRUE(back) << back.error().message();
  EXPECT_EQ(settings(), before_);
  EXPECT_FALSE(std::filesystem::exists(lab_.journal));
}

TEST_F(NicLabTest, PutsAddressesAndRoutesBack) {
  ASSERT_TRUE(ip_batch(home_, {"address add 198.51.100.7/24 dev port1",
                               "route add 203.0.113.0/24 via 198.51.100.1 dev port1"}));
  EXPECT_NE(refusal().find("port1 has the address 198.51.100.7/24"), std::string::npos) << refusal();
  lab_.receiver.may_have_addresses = true;
  {
    const auto taken = take();
    ASSERT_TRUE(taken) << taken.error().message();
    const Result<LinkedHosts> hosts = (*taken)->connect({});
    ASSERT_TRUE(hosts) << hosts.error().message();
  }  // given back by going away
  EXPECT_EQ(settings(), before_);
  lab_.receiver.may_have_addresses = false;
  EXPECT_NE(refusal().find("198.51.100.7"), std::string::npos) << refusal();
  EXPECT_TRUE(ip_batch(home_, {"route delete 203.0.113.0/24 via 198.51.100.1 dev port1"}));
}

TEST_F(NicLabTest, RefusesWhatIsSomebodys) {
  lab_.sender.may_have_addresses = lab_.receiver.may_have_addresses = true;
  lab_.receiver.interface = "prt1";
  EXPECT_NE(refusal().find("there is no interface prt1 here; did you mean 'port1'?"), std::string::npos)
      << refusal();
  lab_.receiver.interface = "lo";
  EXPECT_NE(refusal().find("lo is the loopback"), std::string::npos) << refusal();
  lab_.receiver.interface = "port1";
  for (const std::string way : {"", "table 77 "}) {
    ASSERT_TRUE(ip_batch(home_, {"address replace 198.51.100.7/24 dev port1",
                                 fmt::format("route add {}default via 198.51.100.1 dev port1", way)}));
    EXPECT_NE(refusal().find("port1 carries the default route of this machine"), std::string::npos)
        << refusal();
    ASSERT_TRUE(ip_batch(home_, {fmt::format("route delete {}default dev port1", way)}));
  }
  ASSERT_TRUE(ip_batch(home_, {"link add name bridge0 type bridge", "link set dev port1 master bridge0"}));
  EXPECT_NE(refusal().find("port1 is a part of bridge0"), std::string::npos) << refusal();
  ASSERT_TRUE(ip_batch(home_, {"link delete dev bridge0"}));
  EXPECT_EQ(settings(), before_) << "a refusal changes nothing";
  EXPECT_FALSE(std::filesystem::exists(lab_.journal));
}

TEST_F(NicLabTest, ASettingThatDoesNotTakeLeavesThePortsAsTheyWere) {
  lab_.receiver.features_off = {"rx-gro", "rx-gor"};
  EXPECT_NE(refusal().find("did you mean 'rx-gro'"), std::string::npos) << refusal();
  lab_.receiver.features_off.clear();
  lab_.receiver.rx_ring = 4096;
  EXPECT_NE(refusal().find("rings of port1"), std::string::npos) << refusal();
  lab_.receiver.rx_ring.reset();
  lab_.receiver.queues = 9;
  EXPECT_NE(refusal().find("9 queues of port1: it has at most 4"), std::string::npos) << refusal();
  lab_.receiver.queues = 1;
  lab_.receiver.irq_cpus = {0};
  EXPECT_NE(refusal().find("port1 has no interrupts of its own"), std::string::npos) << refusal();
  EXPECT_EQ(settings(), before_);
  EXPECT_FALSE(std::filesystem::exists(lab_.journal));
}

TEST_F(NicLabTest, NamesWhatAScenarioDemandsAndTheLabLacks) {
  const auto taken = take();
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_TRUE((*taken)->meets({.queues = 2, .native_xdp = true}));
  const Status queues = (*taken)->meets({.queues = 3});
  ASSERT_FALSE(queues);
  EXPECT_EQ(queues.error().what, "lab stand-ins lacks what the scenario demands: 3 queues; port0 may have 2");
  const Status zero_copy = (*taken)->meets({.zero_copy = true});
  ASSERT_FALSE(zero_copy);
  EXPECT_NE(zero_copy.error().what.find("zero-copy AF_XDP, which the driver of port1 has not"),
            std::string::npos);
}

TEST_F(NicLabTest, BelongsToOneRunAtATime) {
  const auto taken = take();
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_NE(refusal().find(fmt::format("process {} holds the lab's ports", getpid())), std::string::npos)
      << refusal();
  EXPECT_TRUE((*taken)->give_back()) << "undisturbed";
  EXPECT_EQ(settings(), before_);
}

TEST_F(NicLabTest, TheNextRunPutsBackWhatAKilledOneLeft) {
  lab_.receiver.features_on = {"rx-gro"};
  run_and_kill([](NicLab&) { return true; });
  EXPECT_NE(settings(), before_) << "or the test would prove nothing";
  lab_.receiver.features_on = {};
  const auto taken = take();
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(settings().at("port1 feature rx-gro"), before_.at("port1 feature rx-gro"));
  EXPECT_FALSE(said_.empty()) << "it says so";
  EXPECT_TRUE((*taken)->give_back());
  EXPECT_EQ(settings(), before_);
}

// A moved veth dies with its namespace, where a card's port would come back.
TEST_F(NicLabTest, AVirtualPortGoesWithAKilledRunAndTheNextSaysSo) {
  run_and_kill([](NicLab& lab) { return lab.connect({}); });
  EXPECT_NE(refusal().find("there is no interface port0 here"), std::string::npos);
  EXPECT_NE(fmt::format("{}", said_).find("port0 is gone"), std::string::npos) << fmt::format("{}", said_);
  EXPECT_NE(fmt::format("{}", said_).find("port1 is gone"), std::string::npos) << fmt::format("{}", said_);
  EXPECT_FALSE(std::filesystem::exists(lab_.journal)) << "nothing is left to undo";
}

}  // namespace
}  // namespace penstock
