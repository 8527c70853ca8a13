// Settings of a real interface, a veth end in a namespace of the test's own, changed and put back. Needs
// root.
#include "sim/lab/undo.h"

#include <errno.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "sim/lab/host_settings.h"
#include "sim/lab/port.h"
#include "sim/topology/iproute.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

class UndoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    make_pair();
    ASSERT_TRUE(ip_batch(ns_, {"link set dev port0 up", "link set dev port1 up",
                               "address add 198.51.100.7/24 broadcast 198.51.100.255 dev port0",
                               "address add 198.51.100.8/24 dev port0",
                               "route add 203.0.113.0/24 via 198.51.100.1 dev port0"}));
    ASSERT_TRUE(ns_.set_sysctl("ipv4/conf/port0/accept_local", "1"));
  }

  void make_pair() {
    ASSERT_TRUE(
        ip_batch(ns_, {"link add name port0 numrxqueues 4 numtxqueues 4 type veth "
                       "peer name port1 numrxqueues 4 numtxqueues 4",
                       "link set dev port0 addrgenmode none", "link set dev port1 addrgenmode none"}));
  }

  Port port() const { return Port::open(ns_, "port0").value(); }
  JournalPort identity() const { return identify(ns_, "port0").value(); }

  // Notes a setting and changes it.
  void change(const std::string& name, const std::string& value) {
    const Result<std::string> was = port().read(name);
    ASSERT_TRUE(was) << was.error().message();
    changes_.push_back({"port0", name, *was, value});
    const Status written = port().write({name, value});
    ASSERT_TRUE(written) << written.error().message();
  }

  std::string all_of(const std::vector<std::string>& command) const {
    return check_program({.arguments = command, .network_namespace = ns_.fd()}).value();
  }

  const NetNamespace ns_ = NetNamespace::create().value();
  std::vector<Change> changes_;
};

TEST_F(UndoTest, PutsEverySettingBack) {
  const std::vector<std::string> settings{
      "channels", "feature rx-gro", "feature tx-checksum-ip-generic", "mac", "mtu", "promiscuous"};
  std::vector<std::string> before;
  before.reserve(settings.size());
  for (const std::string& name : settings)
    before.push_back(port().read(name).value());
  change("channels", "rx=2 tx=2");
  change("feature rx-gro", "on");
  change("feature tx-checksum-ip-generic", "off");
  change("mac", "02:00:00:00:00:42");
  change("mtu", "3498");
  change("promiscuous", "on");
  for (std::size_t i = 0; i < settings.size(); ++i)
    EXPECT_NE(port().read(settings[i]).value(), before[i]) << settings[i];

  const UndoReport report = undo_changes(std::vector{identity()}, changes_, ns_);
  EXPECT_TRUE(report.clean()) << fmt::format("{}", report.failed);
  EXPECT_EQ(report.done.size(), settings.size()) << fmt::format("{}", report.done);
  for (std::size_t i = 0; i < settings.size(); ++i)
    EXPECT_EQ(port().read(settings[i]).value(), before[i]) << settings[i];
  // Again: nothing is left to do, and that is no error.
  const UndoReport again = undo_changes(std::vector{identity()}, changes_, ns_);
  EXPECT_TRUE(again.clean() && again.done.empty()) << fmt::format("{} {}", again.failed, again.done);
}

// Addresses, routes and sysctls go when the port leaves its namespace.
TEST_F(UndoTest, PutsBackWhatAMoveTakesAway) {
  const std::string addresses = all_of({"ip", "-4", "-oneline", "address", "show", "dev", "port0"});
  const std::string routes = all_of({"ip", "route", "show"});
  std::vector<Setting> host = read_host_settings(ns_, "port0").value();
  for (auto setting = host.rbegin(); setting != host.rend(); ++setting)
    changes_.push_back({"port0", setting->name, setting->value, "absent"});
  const JournalPort before = identity();
  const NetNamespace other = NetNamespace::create().value();
  ASSERT_TRUE(ip_batch(ns_, {fmt::format("link set dev port0 netns {}", other.path())}));
  ASSERT_TRUE(ip_batch(other, {fmt::format("link set dev port0 netns {}", ns_.path())}));
  EXPECT_EQ(all_of({"ip", "-4", "address", "show", "dev", "port0"}), "");
  EXPECT_EQ(read_sysctl(ns_, "ipv4/conf/port0/accept_local").value(), "0");

  const UndoReport report = undo_changes(std::vector{before}, changes_, ns_);
  EXPECT_TRUE(report.clean()) << fmt::format("{}", report.failed);
  EXPECT_EQ(all_of({"ip", "-4", "-oneline", "address", "show", "dev", "port0"}), addresses);
  EXPECT_EQ(all_of({"ip", "route", "show"}), routes);
  EXPECT_EQ(read_sysctl(ns_, "ipv4/conf/port0/accept_local").value(), "1");
  EXPECT_EQ(port().read("up").value(), "on");
}

TEST_F(UndoTest, SaysThatAPortIsGoneAndPutsTheRestBack) {
  ASSERT_TRUE(ip_batch(ns_, {"link add name other0 type veth peer name other1"}));
  const std::vector<JournalPort> ports{identity(), identify(ns_, "other0").value()};
  change("mtu", "3498");
  changes_.push_back({"other0", "mtu", "1400", "1500"});
  ASSERT_TRUE(ip_batch(ns_, {"link delete dev port0"}));

  const UndoReport report = undo_changes(ports, changes_, ns_);
  EXPECT_TRUE(report.clean()) << fmt::format("{}", report.failed);
  ASSERT_EQ(report.gone.size(), 1u);
  EXPECT_EQ(report.gone[0].substr(0, 13), "port0 is gone") << report.gone[0];
  EXPECT_EQ(Port::open(ns_, "other0").value().read("mtu").value(), "1400");
}

TEST_F(UndoTest, LeavesAnotherDeviceOfTheSameNameAlone) {
  const std::vector<JournalPort> ports{identity()};
  change("mtu", "3498");
  ASSERT_TRUE(ip_batch(ns_, {"link delete dev port0"}));
  make_pair();
  ASSERT_TRUE(ip_batch(ns_, {"link set dev port0 mtu 2000"}));
  const UndoReport report = undo_changes(ports, changes_, ns_);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.gone, std::vector<std::string>{"port0 is another device now: it is left alone"});
  EXPECT_EQ(port().read("mtu").value(), "2000");
}

TEST_F(UndoTest, SaysWhatItCouldNotPutBack) {
  changes_ = {{"port0", "mtu", "1000000000", "1500"}, {"port0", "promiscuous", "on", "off"}};
  const UndoReport report = undo_changes(std::vector{identity()}, changes_, ns_);
  EXPECT_FALSE(report.clean());
  ASSERT_EQ(report.failed.size(), 1u);
  EXPECT_EQ(report.failed[0].substr(0, 11), "port0: mtu:") << report.failed[0];
  EXPECT_EQ(port().read("promiscuous").value(), "on") << "the rest is put back";
}

TEST_F(UndoTest, HasNothingToDoAfterARestartOfTheMachine) {
  const JournalContents contents{
      .boot = "another", .ports = {identity()}, .changes = {{"port0", "mtu", "2000", "1500"}}};
  const UndoReport report = undo_left_over(contents, ns_);
  EXPECT_TRUE(report.clean() && report.done.empty());
  EXPECT_EQ(port().read("mtu").value(), "1500");
}

TEST_F(UndoTest, KnowsWhenADriverHasNoSuchSetting) {
  for (const std::string name : {"rings", "coalesce", "steer 8003"})
    EXPECT_EQ(port().read(name).error().code, EOPNOTSUPP) << name;
}

}  // namespace
}  // namespace penstock
