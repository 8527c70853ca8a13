// check, init and fini over a folder that stands for /proc and /sys: idempotent, killed at every place, and
// in the company of others who change settings.
#include "engine/configure/configure.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "engine/configure/settings_journal.h"
#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;
using Values = std::map<std::string, std::string>;

class ConfigureTest : public ::testing::Test {
 protected:
  ConfigureTest() {
    for (const auto& [path, value] : kBefore)
      put(path, value);
    put("sys/class/net/eth0/device/msi_irqs/41", "");
    put("sys/class/net/eth0/device/msi_irqs/9", "");
    put("sys/class/net/eth0/device/msi_irqs/40", "");
    config_.interface = "eth0";
    config_.wait = WaitStrategy::kBusyPoll;
    config_.host.huge_pages = 64;
    config_.host.irq_cpus = {3, 1};
    config_.host.sysctls = {{"net.core.rmem_max", "8388608"}, {"net.ipv4.tcp_rmem", "1 2 3"}};
    config_.host.state = root_ / "state" / "state.ndjson";
  }

  static inline const Values kBefore = {{"proc/sys/vm/nr_hugepages", "3"},
                                        {"proc/sys/net/core/rmem_max", "212992"},
                                        {"proc/sys/net/ipv4/tcp_rmem", "4096\t5\t6"},
                                        {"sys/class/net/eth0/napi_defer_hard_irqs", "0"},
                                        {"sys/class/net/eth0/gro_flush_timeout", "0"},
                                        {"proc/irq/9/smp_affinity_list", "0-3"},
                                        {"proc/irq/40/smp_affinity_list", "0-3"},
                                        {"proc/irq/41/smp_affinity_list", "0-3"}};
  static inline const Values kWanted = {{"proc/sys/vm/nr_hugepages", "64"},
                                        {"proc/sys/net/core/rmem_max", "8388608"},
                                        {"proc/sys/net/ipv4/tcp_rmem", "1 2 3"},
                                        {"sys/class/net/eth0/napi_defer_hard_irqs", "2"},
                                        {"sys/class/net/eth0/gro_flush_timeout", "200000"},
                                        {"proc/irq/9/smp_affinity_list", "3"},
                                        {"proc/irq/40/smp_affinity_list", "1"},
                                        {"proc/irq/41/smp_affinity_list", "3"}};

  void put(const std::string& path, const std::string& value) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << value << "\n";
  }
  std::string get(const std::string& path) const {
    std::ifstream file(root_ / path);
    std::string line;
    std::getline(file, line);
    return line;
  }
  // With single blanks, as what is put back has them.
  Values values() const {
    Values values;
    for (const auto& [path, value] : kBefore) {
      std::string now = get(path);
      std::replace(now.begin(), now.end(), '\t', ' ');
      values[path] = now;
    }
    return values;
  }
  static Values single_blanks(Values values) {
    for (auto& [path, value] : values)
      std::replace(value.begin(), value.end(), '\t', ' ');
    return values;
  }
  Findings run(Result<Findings> (*what)(const RunConfig&, const HostAccess&)) const {
    const auto findings = what(config_, host());
    EXPECT_TRUE(findings) << findings.error().message();
    return findings.value_or(Findings{});
  }
  HostAccess host() const { return HostAccess(root_); }
  static std::size_t count(const Findings& findings, Level level) {
    return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(),
                                                  [&](const Finding& each) { return each.level == level; }));
  }

  const TemporaryFolder temporary_;
  const fs::path root_ = temporary_.path();
  RunConfig config_;
};

TEST_F(ConfigureTest, CheckSaysWhatIsNotSoAndChangesNothing) {
  const Findings found = run(configure_check);
  EXPECT_EQ(count(found, Level::kWarn), kBefore.size()) << findings_text(found);
  EXPECT_NE(findings_text(found).find("sysctl net.core.rmem_max is 212992, not 8388608"), std::string::npos)
      << findings_text(found);
  EXPECT_NE(findings_text(found).find("fix: `sysctl -w 'net.core.rmem_max=8388608'`"), std::string::npos);
  EXPECT_EQ(values(), single_blanks(kBefore));
  EXPECT_FALSE(fs::exists(root_ / "state"));
}

TEST_F(ConfigureTest, EachInterfaceIsSet) {
  config_.further_interfaces = {"eth1"};
  put("sys/class/net/eth1/napi_defer_hard_irqs", "0");
  put("sys/class/net/eth1/gro_flush_timeout", "0");
  put("sys/class/net/eth1/device/msi_irqs/50", "");
  put("proc/irq/50/smp_affinity_list", "0-3");
  EXPECT_EQ(worst_of(run(configure_init)), Level::kOk);
  EXPECT_EQ(values(), kWanted);
  EXPECT_EQ(get("sys/class/net/eth1/gro_flush_timeout"), "200000");
  EXPECT_EQ(get("proc/irq/50/smp_affinity_list"), "1") << "the CPUs go round over all interfaces";
  config_.further_interfaces.clear();  // fini goes by what was recorded
  run(configure_fini);
  EXPECT_EQ(get("sys/class/net/eth1/gro_flush_timeout"), "0");
  EXPECT_EQ(get("proc/irq/50/smp_affinity_list"), "0-3");
}

TEST_F(ConfigureTest, InitSetsAndFiniPutsBackHoweverOften) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(worst_of(run(configure_init)), Level::kOk);
    EXPECT_EQ(values(), kWanted);
  }
  EXPECT_EQ(worst_of(run(configure_check)), Level::kOk);
  EXPECT_EQ(run(configure_check).size(), 2 * kWanted.size()) << "as wanted, and recorded by init";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(worst_of(run(configure_fini)), Level::kOk);
    EXPECT_EQ(values(), single_blanks(kBefore));
    EXPECT_FALSE(fs::exists(config_.host.state));
  }
}

TEST_F(ConfigureTest, WhatIsAsWantedIsNeitherSetNorPutBack) {
  put("proc/sys/vm/nr_hugepages", "100");
  put("sys/class/net/eth0/napi_defer_hard_irqs", "7");
  EXPECT_EQ(worst_of(run(configure_init)), Level::kOk);
  EXPECT_EQ(get("proc/sys/vm/nr_hugepages"), "100") << "at least is enough";
  EXPECT_EQ(get("sys/class/net/eth0/napi_defer_hard_irqs"), "7");
  put("proc/sys/vm/nr_hugepages", "200");
  run(configure_fini);
  EXPECT_EQ(get("proc/sys/vm/nr_hugepages"), "200");
}

// A kill leaves the first n lines of the journal with n - 1 or n of the settings made: init goes on from
// there, and fini puts back all the same.
TEST_F(ConfigureTest, AKillAtAnyPlaceIsHealedByEither) {
  run(configure_init);
  const auto changes = SettingsJournal::read(config_.host.state);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), kWanted.size());
  run(configure_fini);
  for (std::size_t lines = 1; lines <= changes->size(); ++lines) {
    for (const std::size_t made : {lines - 1, lines}) {
      for (const bool by_init : {false, true}) {
        SCOPED_TRACE(::testing::Message() << lines << " lines, " << made << " made, init " << by_init);
        {
          auto journal = SettingsJournal::open(config_.host.state);
          ASSERT_TRUE(journal) << journal.error().message();
          for (std::size_t i = 0; i < lines; ++i) {
            ASSERT_TRUE(journal->append((*changes)[i]));
            if (i < made) {
              ASSERT_TRUE(host().write((*changes)[i].setting, (*changes)[i].set));
            }
          }
        }
        if (by_init) {
          EXPECT_EQ(worst_of(run(configure_init)), Level::kOk);
          EXPECT_EQ(values(), kWanted);
        }
        EXPECT_EQ(worst_of(run(configure_fini)), Level::kOk);
        EXPECT_EQ(values(), single_blanks(kBefore));
        EXPECT_FALSE(fs::exists(config_.host.state));
      }
    }
  }
}

// The machine starts anew between the two, and has forgotten.
TEST_F(ConfigureTest, AfterARestartInitSetsAgainAndFiniStillKnows) {
  run(configure_init);
  for (const auto& [path, value] : kBefore)
    put(path, value);
  run(configure_init);
  EXPECT_EQ(values(), kWanted);
  run(configure_fini);
  EXPECT_EQ(values(), single_blanks(kBefore));
}

TEST_F(ConfigureTest, WhatSomebodyElseHasSetIsLeftAloneAndSaid) {
  run(configure_init);
  put("proc/sys/net/core/rmem_max", "77");
  const Findings found = run(configure_fini);
  EXPECT_EQ(count(found, Level::kWarn), 1u) << findings_text(found);
  EXPECT_NE(findings_text(found).find("is 77: neither 212992, as it was, nor 8388608"), std::string::npos)
      << findings_text(found);
  EXPECT_EQ(get("proc/sys/net/core/rmem_max"), "77");
  EXPECT_EQ(get("proc/sys/vm/nr_hugepages"), "3") << "the others are put back";
  EXPECT_FALSE(fs::exists(config_.host.state));
}

TEST_F(ConfigureTest, OneThatFailsKeepsNoOtherFromBeingSet) {
  config_.host.sysctls.insert(config_.host.sysctls.begin(), {"net.core.nosuch", "1"});
  config_.host.channels = 2;  // of an eth0 that is not there
  const Findings found = run(configure_init);
  EXPECT_EQ(count(found, Level::kFail), 2u) << findings_text(found);
  EXPECT_EQ(values(), kWanted);
}

TEST_F(ConfigureTest, WhatHasGoneNeedsNoPuttingBack) {
  run(configure_init);
  fs::remove_all(root_ / "proc/irq/40");
  fs::remove_all(root_ / "sys/class/net/eth0");
  EXPECT_EQ(worst_of(run(configure_fini)), Level::kOk);
  EXPECT_FALSE(fs::exists(config_.host.state));
}

TEST_F(ConfigureTest, NothingWantedLeavesNothingBehind) {
  config_.host = {.state = config_.host.state};
  config_.wait = WaitStrategy::kBlock;
  EXPECT_TRUE(run(configure_init).empty());
  EXPECT_FALSE(fs::exists(config_.host.state));
}

}  // namespace
}  // namespace penstock
