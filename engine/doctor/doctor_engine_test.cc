// The doctor beside a running engine, on a veth: it says whether that receives, and does not take what it
// holds for somebody else's; what processes and files have of capabilities. argv[1] is the binary. Needs
// root.
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "engine/commands/testing/engine_on_veth.h"
#include "engine/doctor/doctor.h"
#include "engine/doctor/process_checks.h"

namespace penstock {
namespace {

class DoctorEngineTest : public EngineOnVeth {
 protected:
  RunConfig config() const {
    RunConfig config;
    config.interface = "pen1";
    config.ports = {kPort};
    config.metrics_listen = address_.to_string();
    return config;
  }
  static Finding finding(const Diagnosis& diagnosis, const std::string& what) {
    const auto found = std::find_if(diagnosis.findings.begin(), diagnosis.findings.end(),
                                    [&](const Finding& each) { return each.what == what; });
    return found == diagnosis.findings.end() ? Finding() : *found;
  }
  static Finding running_engine(const Diagnosis& diagnosis) { return finding(diagnosis, "running engine"); }
};

TEST_F(DoctorEngineTest, SaysWhyARunningEngineReceivesNothing) {
  start("");
  const Diagnosis diagnosis = diagnose(config());
  const Finding finding = running_engine(diagnosis);
  EXPECT_EQ(finding.level, Level::kFail);
  EXPECT_EQ(finding.found, "no frame at all reaches pen1");
  EXPECT_NE(finding.fix.find("`ip -s link show pen1`"), std::string::npos) << finding.fix;
}

TEST_F(DoctorEngineTest, IsContentWithOneThatReceives) {
  for (const std::string path : {"kernel_filter", "udp"}) {
    start("path = \"" + path + "\"\n");
    std::atomic<bool> over = false;
    std::thread sender([&] {
      while (!over) {
        send();
        usleep(1'000);
      }
    });
    RunConfig same = config();
    same.path = *parse_path(path);
    const Diagnosis diagnosis = diagnose(same);
    over = true;
    sender.join();
    const std::string all = findings_text(diagnosis.findings) + diagnosis.prediction;
    EXPECT_EQ(running_engine(diagnosis).level, Level::kOk) << all;
    EXPECT_NE(running_engine(diagnosis).found.find("datagrams/s by " + path), std::string::npos) << all;
    Findings findings = diagnosis.findings;
    std::erase_if(findings, [](const Finding& each) { return each.what.starts_with("clock"); });
    EXPECT_EQ(worst_of(findings), Level::kOk) << "its port and its slot are its own\n" << all;
    EXPECT_NE(diagnosis.prediction.find("would take " + path), std::string::npos) << all;
  }
}

// Capabilities that are granted too late: the engine goes on by a slower way, and all else looks good.
TEST_F(DoctorEngineTest, SeesAnEngineThatWasStartedWithoutCapabilities) {
  start("");
  EXPECT_EQ(finding(diagnose(config()), "running process").level, Level::kOk);
  EXPECT_NE(finding(diagnose(config()), "running process").found.find("has all capabilities"),
            std::string::npos);
  // A thread's bounding set is what its children may have at most.
  std::thread([&] {
    ASSERT_EQ(prctl(PR_CAPBSET_DROP, CAP_BPF, 0, 0, 0), 0);
    start("");
  }).join();
  const Diagnosis diagnosis = diagnose(config());
  EXPECT_EQ(finding(diagnosis, "capabilities").level, Level::kOk) << "a new process has them";
  EXPECT_EQ(finding(diagnosis, "running process").level, Level::kWarn);
  EXPECT_NE(finding(diagnosis, "running process").found.find("without CAP_BPF"), std::string::npos)
      << finding(diagnosis, "running process").found;
}

TEST_F(DoctorEngineTest, ReadsWhatABinaryWouldGive) {
  const std::string file = ::testing::TempDir() + "/doctor_binary";
  run("cp /bin/true " + file);
  const auto look = [&] {
    Findings findings;
    check_binary(file, findings);
    return findings.at(0);
  };
  EXPECT_EQ(look().level, Level::kOk);
  EXPECT_NE(look().found.find("no capabilities of its own"), std::string::npos) << look().found;
  run("setcap cap_net_raw,cap_net_admin+ep " + file);
  EXPECT_EQ(look().level, Level::kWarn);
  EXPECT_NE(look().found.find("but not CAP_BPF (to load the XDP program), CAP_PERFMON"), std::string::npos)
      << look().found;
  run("setcap cap_bpf,cap_net_admin,cap_perfmon,cap_net_raw+p " + file);
  EXPECT_EQ(look().level, Level::kWarn) << "not effective";
  const std::string fix = look().fix;
  run(fix.substr(1, fix.size() - 2));
  EXPECT_EQ(look().level, Level::kOk);
  EXPECT_NE(look().found.find("all four"), std::string::npos) << look().found;
  run("rm " + file);
}

TEST_F(DoctorEngineTest, ToldApartFromAnotherInterfacesAndFromNone) {
  start("");
  RunConfig other = config();
  other.interface = "pen0";
  other.ports = {kOtherPort};
  Finding finding = running_engine(diagnose(other));
  EXPECT_EQ(finding.level, Level::kWarn);
  EXPECT_NE(finding.found.find("one on pen1 has"), std::string::npos) << finding.found;

  engine_->signal(SIGTERM);
  EXPECT_EQ(engine_->wait(), 0);
  finding = running_engine(diagnose(config()));
  EXPECT_EQ(finding.level, Level::kOk);
  EXPECT_EQ(finding.found, "none answers at " + address_.to_string());
}

TEST_F(DoctorEngineTest, APortOfSomebodyElseStaysAFailure) {
  start("[receiver]\ncompanion = \"off\"\n");
  RunConfig same = config();
  const UniqueFd holder(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(kPort);
  ASSERT_EQ(::bind(holder.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  const Diagnosis diagnosis = diagnose(same);  // which would hold the port
  const auto port = std::find_if(diagnosis.findings.begin(), diagnosis.findings.end(),
                                 [](const Finding& each) { return each.what == "port 8003"; });
  ASSERT_NE(port, diagnosis.findings.end());
  EXPECT_EQ(port->level, Level::kFail);
  EXPECT_NE(diagnosis.prediction.find("would not start"), std::string::npos) << diagnosis.prediction;
}

}  // namespace
}  // namespace penstock
