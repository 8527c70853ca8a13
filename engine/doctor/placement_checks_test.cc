// Hosts made of files: nodes of memory, interrupts, and the CPUs that the file pins.
#include "engine/doctor/placement_checks.h"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "engine/doctor/testing/finding_named.h"
#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

class PlacementTest : public ::testing::Test {
 protected:
  PlacementTest() {
    config_.interface = "eth0";
    config_.wait = WaitStrategy::kSpin;
    write("sys/class/net/eth0/device/numa_node", "1");
    write("sys/devices/system/node/has_cpu", "0-1");
    write("sys/devices/system/node/node1/cpulist", "4-7,12");
    write("sys/class/net/eth0/device/msi_irqs/125", "");
    write("sys/class/net/eth0/device/msi_irqs/126", "");
    write("proc/irq/125/effective_affinity_list", "4");
    write("proc/irq/126/smp_affinity_list", "0-3,5");
  }

  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text << "\n";
  }
  Finding finding(const std::string& what) const {
    Findings findings;
    check_placement(config_, root_, findings);
    return finding_named(findings, what);
  }

  const TemporaryFolder temporary_;
  const fs::path root_ = temporary_.path();
  RunConfig config_;
};

TEST_F(PlacementTest, NetThreadsBelongToTheNodeOfTheNic) {
  EXPECT_EQ(finding("numa").level, Level::kWarn) << "pinned nowhere";
  EXPECT_EQ(finding("numa").fix, "CPUs of 4-7,12 in threads.net_cpus");
  config_.net_cpus = {6, 12};
  EXPECT_EQ(finding("numa").level, Level::kOk);
  config_.net_cpus = {6, 2};
  EXPECT_EQ(finding("numa").found, "the NIC is on node 1, and CPU 2 of threads.net_cpus is not");
  write("sys/devices/system/node/has_cpu", "0");
  EXPECT_EQ(finding("numa").level, Level::kOk);
  write("sys/devices/system/node/has_cpu", "0-1");
  write("sys/class/net/eth0/device/numa_node", "-1");
  EXPECT_EQ(finding("numa").level, Level::kOk);
}

TEST_F(PlacementTest, ASpinningThreadStandsOnNoInterruptsCpu) {
  EXPECT_EQ(finding("interrupts").found, "2, on CPUs 0, 1, 2, 3, 4, 5");
  config_.net_cpus = {6};
  EXPECT_EQ(finding("interrupts").level, Level::kOk);
  for (const auto& [cpu, number] : {std::pair(4, "125"), std::pair(2, "126")}) {
    config_.net_cpus = {6, cpu};
    EXPECT_EQ(finding("interrupts").level, Level::kWarn);
    EXPECT_NE(finding("interrupts").found.find(std::string("number ") + number), std::string::npos);
    config_.wait = WaitStrategy::kBlock;  // which is the better for it
    EXPECT_EQ(finding("interrupts").level, Level::kOk);
    config_.wait = WaitStrategy::kSpin;
  }
  config_.interface = "veth0";
  EXPECT_EQ(finding("interrupts").found, "veth0 has none of its own");
}

TEST(CpuList, IsReadAsTheKernelWritesIt) {
  EXPECT_EQ(parse_cpu_list("0-3,8,10-11"), (std::set<int>{0, 1, 2, 3, 8, 10, 11}));
  EXPECT_EQ(parse_cpu_list(""), (std::set<int>{}));
  EXPECT_EQ(parse_cpu_list("x,2,3-,-1,5-4"), (std::set<int>{2, 3}));
  EXPECT_EQ(parse_cpu_list("0-4000000000").size(), 1u) << "no number of CPUs";
}

}  // namespace
}  // namespace penstock
