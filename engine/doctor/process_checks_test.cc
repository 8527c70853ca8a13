// Engines made of files in a /proc of the test's own. What a real one and a real file have:
// doctor_engine_test.cc, doctor_test.cc.
#include "engine/doctor/process_checks.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNone = "0000000000000000";
constexpr const char* kAllFour = "000000c000003000";
constexpr const char* kWithoutBpf = "0000004000003000";

class ProcessChecksTest : public ::testing::Test {
 protected:
  ProcessChecksTest() {
    engine_.facts.process_id = 100;
    engine_.facts.receiver.sockets = 1;
    add(100, "penstock", 1, kNone);
    fs::create_symlink("/usr/bin/penstock", proc_ / "100/exe");
  }

  void add(int pid, const std::string& name, int parent, const std::string& effective) const {
    fs::create_directories(proc_ / std::to_string(pid));
    std::ofstream(proc_ / std::to_string(pid) / "status")
        << "Name:\t" << name << "\nUmask:\t0022\nPPid:\t" << parent << "\nCapPrm:\t0\nCapEff:\t" << effective
        << "\n";
  }
  Finding finding() const {
    Findings findings;
    check_engine_process(engine_, proc_, findings);
    EXPECT_EQ(findings.size(), 1u);
    return findings.empty() ? Finding() : findings.front();
  }

  const TemporaryFolder temporary_;
  const fs::path proc_ = temporary_.path();
  EngineSample engine_;
};

TEST_F(ProcessChecksTest, TheBrokersCapabilitiesAreTheEngines) {
  add(101, "pen-broker", 100, kAllFour);
  EXPECT_EQ(finding().level, Level::kOk) << finding().found;
  add(101, "pen-broker", 7, kAllFour);  // of another engine
  EXPECT_EQ(finding().level, Level::kWarn);
  add(101, "bash", 100, kAllFour);
  EXPECT_EQ(finding().level, Level::kWarn);
  add(100, "penstock", 1, kAllFour);  // confined = false
  EXPECT_EQ(finding().level, Level::kOk);
}

TEST_F(ProcessChecksTest, OneThatWasStartedWithoutIsTold) {
  add(101, "pen-broker", 100, kWithoutBpf);
  engine_.facts.receiver = {.path = "io_uring", .mode = "", .steps_down = {"kernel_filter: EPERM"}};
  EXPECT_EQ(finding().level, Level::kWarn);
  EXPECT_EQ(finding().found, "100 was started without CAP_BPF (to load the XDP program)");
  EXPECT_NE(finding().fix.find("systemctl restart penstock"), std::string::npos);
  engine_.facts.receiver.steps_down.clear();
  EXPECT_EQ(finding().found, "100 receives by sockets, as configured");
}

TEST_F(ProcessChecksTest, OneWhoseBinaryWasReplacedIsTold) {
  add(101, "pen-broker", 100, kAllFour);
  fs::remove(proc_ / "100/exe");
  fs::create_symlink("/usr/bin/penstock (deleted)", proc_ / "100/exe");
  EXPECT_EQ(finding().level, Level::kWarn);
  EXPECT_EQ(finding().found, "100 runs a binary that has been replaced since");
}

TEST_F(ProcessChecksTest, WhatCannotBeSeenIsNotJudged) {
  add(100, "postgres", 1, kNone);
  EXPECT_EQ(finding().found, "not to be seen from here");
  engine_.facts.process_id = 0;
  EXPECT_EQ(finding().level, Level::kOk);
}

}  // namespace
}  // namespace penstock
