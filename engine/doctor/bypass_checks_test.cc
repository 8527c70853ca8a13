// Firewalls and reverse path filters of a namespace of the test's own. Needs root.
#include "engine/doctor/bypass_checks.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "engine/confine/capabilities.h"
#include "engine/doctor/testing/finding_named.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

class BypassChecksTest : public ReceiverOnVeth {
 protected:
  ~BypassChecksTest() override { run("nft flush ruleset"); }

  static Finding finding(const std::string& what, const std::filesystem::path& proc = "/proc") {
    Findings findings;
    check_bypassed("pen1", proc, findings);
    return finding_named(findings, what);
  }
  static std::string firewall() {
    const Finding found = finding("firewall");
    return found.level == Level::kOk ? "" : found.found;
  }
};

TEST_F(BypassChecksTest, NamesTheChainsThatTheFastPathGoesPast) {
  EXPECT_EQ(firewall(), "");
  run("nft 'add table inet t; add chain inet t out { type filter hook output priority 0; policy drop; }'");
  run("nft 'add chain inet t apart; add rule inet t apart udp dport 8003 drop'");
  EXPECT_EQ(firewall(), "") << "the way out, and a chain that no hook leads to";
  run("nft 'add chain inet t in { type filter hook input priority 0; }'");
  EXPECT_EQ(firewall(), "") << "it has no rules";
  run("nft add rule inet t in udp dport 8003 drop");
  EXPECT_NE(firewall().find("forbidden by inet t in (1 rules)"), std::string::npos) << firewall();
  run("nft 'flush ruleset; add table netdev n'");
  run("nft 'add chain netdev n early { type filter hook ingress device pen1 priority 0; policy drop; }'");
  EXPECT_NE(firewall().find("netdev n early (0 rules, else drop)"), std::string::npos) << firewall();
  run("nft 'flush ruleset; add table ip u'");
  run("nft 'add chain ip u in { type filter hook prerouting priority 0; policy drop; }'");
  EXPECT_NE(firewall().find("ip u in (0 rules, else drop)"), std::string::npos) << firewall();
}

TEST_F(BypassChecksTest, SaysThatItMayNotLook) {
  std::thread([] {
    ASSERT_TRUE(give_up_capabilities(Keep::kNothing));
    EXPECT_EQ(finding("firewall").level, Level::kOk);
    EXPECT_TRUE(finding("firewall").found.starts_with("not looked at")) << finding("firewall").found;
  }).join();
}

TEST_F(BypassChecksTest, SeesTheOldIptables) {
  const TemporaryFolder proc;
  std::filesystem::create_directories(proc.path() / "net");
  std::ofstream(proc.path() / "net/ip_tables_names") << "filter\n";
  EXPECT_EQ(finding("firewall", proc.path()).level, Level::kWarn);
}

TEST_F(BypassChecksTest, SeesAStrictReversePathFilter) {
  run("sysctl -qw net.ipv4.conf.pen1.rp_filter=1");
  EXPECT_EQ(finding("rp_filter").level, Level::kWarn);
  run("sysctl -qw net.ipv4.conf.all.rp_filter=2");
  EXPECT_EQ(finding("rp_filter").found, "loose") << "the larger one counts";
  run("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.pen1.rp_filter=0");
  EXPECT_EQ(finding("rp_filter").found, "off");
}

}  // namespace
}  // namespace penstock
