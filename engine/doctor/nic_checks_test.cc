// NICs of a test's own: what they merge, how they spread frames, which rules they have.
#include "engine/doctor/nic_checks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/doctor/testing/finding_named.h"
#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

// Answers as a driver would; knows only what it was given.
struct FakeNic {
  std::vector<std::pair<std::string, bool>> features;
  std::vector<std::uint32_t> spread;
  std::uint64_t hashed = 0;
  std::vector<ethtool_rx_flow_spec> rules;
  bool has_rules = true;

  Status operator()(void* request, const std::string& name) const {
    const int error = answer(request);
    return error == 0 ? Status() : fail(name, error);
  }

 private:
  int answer(void* request) const {
    switch (*static_cast<std::uint32_t*>(request)) {
      case ETHTOOL_GSSET_INFO:
        static_cast<ethtool_sset_info*>(request)->data[0] = static_cast<__u32>(features.size());
        return 0;
      case ETHTOOL_GSTRINGS:
        for (std::size_t i = 0; i < features.size(); ++i)
          std::strncpy(
              reinterpret_cast<char*>(static_cast<ethtool_gstrings*>(request)->data) + i * ETH_GSTRING_LEN,
              features[i].first.c_str(), ETH_GSTRING_LEN);
        return 0;
      case ETHTOOL_GFEATURES:
        for (std::size_t i = 0; i < features.size(); ++i)
          static_cast<ethtool_gfeatures*>(request)->features[i / 32].active |=
              static_cast<__u32>(features[i].second) << i % 32;
        return 0;
      case ETHTOOL_GRXFHINDIR:
        return answer_spread(*static_cast<ethtool_rxfh_indir*>(request));
      default:
        return answer_rules(*static_cast<ethtool_rxnfc*>(request));
    }
  }
  int answer_spread(ethtool_rxfh_indir& table) const {
    if (spread.empty()) return EOPNOTSUPP;
    if (table.size != 0) std::copy(spread.begin(), spread.end(), table.ring_index);
    table.size = static_cast<__u32>(spread.size());
    return 0;
  }
  int answer_rules(ethtool_rxnfc& request) const {
    if (request.cmd == ETHTOOL_GRXFH) {
      request.data = hashed;
      return hashed == 0 ? EOPNOTSUPP : 0;
    }
    if (!has_rules) return EOPNOTSUPP;
    if (request.cmd == ETHTOOL_GRXCLSRULE) {
      request.fs = rules.at(request.fs.location);
      return 0;
    }
    if (request.cmd == ETHTOOL_GRXCLSRLALL) {
      for (std::uint32_t i = 0; i < rules.size(); ++i)
        request.rule_locs[i] = i;
    }
    request.rule_cnt = static_cast<__u32>(rules.size());
    return 0;
  }
};

ethtool_rx_flow_spec rule(std::uint16_t port, std::uint64_t cookie, std::uint32_t location) {
  ethtool_rx_flow_spec rule{};
  rule.flow_type = UDP_V4_FLOW;
  if (port != 0) {
    rule.h_u.udp_ip4_spec.pdst = htons(port);
    rule.m_u.udp_ip4_spec.pdst = 0xffff;
  }
  rule.ring_cookie = cookie;
  rule.location = location;
  return rule;
}

class NicChecksTest : public ::testing::Test {
 protected:
  Findings offloads() const {
    Findings findings;
    check_offloads("eth0", sys_, nic_, findings);
    return findings;
  }
  // With two sockets on four queues.
  Finding steering(const std::string& what) const {
    Findings findings;
    const std::uint16_t ports[] = {8003, 8010};
    check_steering("eth0", 4, 2, ports, nic_, findings);
    return finding_named(findings, what);
  }

  const TemporaryFolder folder_;
  const fs::path sys_ = folder_.path();
  FakeNic nic_;
};

TEST_F(NicChecksTest, WhatMergesFramesIsNamedWithItsCommand) {
  for (int i = 0; i < 33; ++i)
    nic_.features.emplace_back("tx-" + std::to_string(i), true);  // a second block of bits
  nic_.features.insert(nic_.features.end(), {{"rx-lro", true}, {"rx-gro-hw", false}, {"rx-gro-list", true}});
  const Findings found = offloads();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].level, Level::kWarn);
  EXPECT_EQ(found[0].fix, "`ethtool -K eth0 rx-lro off`");
  EXPECT_EQ(found[1].fix, "`ethtool -K eth0 rx-gro-list off`");
  nic_.features = {{"rx-lro", false}, {"rx-checksum", true}};
  EXPECT_EQ(offloads().at(0).level, Level::kOk);
}

TEST_F(NicChecksTest, TagsThatTheNicTakesOffMatterUnderAVlanDevice) {
  nic_.features = {{"rx-vlan-hw-parse", true}};
  fs::create_directories(sys_ / "class/net/eth0/upper_bond0");
  fs::create_directories(sys_ / "class/net/bond0");
  std::ofstream(sys_ / "class/net/bond0/uevent") << "DEVTYPE=bond\nINTERFACE=bond0\n";
  EXPECT_EQ(offloads().at(0).level, Level::kOk);
  fs::create_directories(sys_ / "class/net/eth0/upper_eth0.7");
  fs::create_directories(sys_ / "class/net/eth0.7");
  std::ofstream(sys_ / "class/net/eth0.7/uevent") << "DEVTYPE=vlan\nINTERFACE=eth0.7\n";
  EXPECT_EQ(offloads().at(0).level, Level::kWarn);
  EXPECT_NE(offloads().at(0).found.find("eth0.7's frames"), std::string::npos);
  nic_.features = {{"rx-vlan-hw-parse", false}};
  EXPECT_EQ(offloads().at(0).level, Level::kOk);
}

TEST_F(NicChecksTest, SpreadingIsHeldToTheQueuesThatHaveSockets) {
  nic_.hashed = RXH_IP_SRC | RXH_IP_DST | RXH_L4_B_0_1 | RXH_L4_B_2_3;
  nic_.spread = {0, 1, 2, 3, 0, 1, 2, 3};
  EXPECT_EQ(steering("rss").level, Level::kWarn);
  EXPECT_EQ(steering("rss").found,
            "frames are spread over queues 0, 1, 2, 3, and sockets are on the first 2");
  EXPECT_EQ(steering("rss").fix, "`ethtool -X eth0 equal 2`");
  nic_.spread = {0, 1, 0, 1};
  EXPECT_EQ(steering("rss").level, Level::kOk);
  nic_.hashed = RXH_IP_SRC | RXH_IP_DST;
  EXPECT_EQ(steering("rss").fix, "`ethtool -N eth0 rx-flow-hash udp4 sdfn`");
  nic_.hashed = 0;  // the driver does not say
  EXPECT_EQ(steering("rss").level, Level::kOk);
  nic_.spread = {};
  EXPECT_EQ(steering("rss").level, Level::kOk);
}

TEST_F(NicChecksTest, ARuleThatLeadsAPortAstrayIsNamed) {
  EXPECT_EQ(steering("ntuple").found, "0 rules, none of which leads our ports astray");
  nic_.rules = {rule(8003, 1, 0), rule(9000, 3, 1)};
  EXPECT_EQ(steering("ntuple").level, Level::kOk) << "a queue with a socket; another's port";
  nic_.rules.push_back(rule(8010, 3, 2));
  EXPECT_EQ(steering("ntuple").level, Level::kWarn);
  EXPECT_EQ(steering("ntuple").found, "rule 2 (port 8010) leads to queue 3, where no socket is");
  EXPECT_EQ(steering("ntuple").fix, "`ethtool -N eth0 delete 2`");
  nic_.rules = {rule(0, RX_CLS_FLOW_DISC, 0)};
  EXPECT_EQ(steering("ntuple").found, "rule 0 (UDP) drops it");
  nic_.rules[0].flow_type = TCP_V4_FLOW;
  EXPECT_EQ(steering("ntuple").level, Level::kOk);
  nic_.has_rules = false;
  EXPECT_EQ(steering("ntuple").level, Level::kOk);
}

}  // namespace
}  // namespace penstock
