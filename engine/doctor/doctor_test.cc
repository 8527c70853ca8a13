// The doctor on hosts of every kind that a namespace and a child process can be. Needs root.
#include "engine/doctor/doctor.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>

#include "engine/doctor/host_checks.h"
#include "engine/doctor/testing/finding_named.h"
#include "engine/receive/open_receiver.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/xsk/netdev.h"
#include "engine/xsk/socket.h"

namespace penstock {
namespace {

class DoctorTest : public ReceiverOnVeth {
 protected:
  static RunConfig config(std::optional<Path> path = std::nullopt) {
    RunConfig config;
    config.interface = "pen1";
    config.path = path;
    config.ports = {kPort};
    return config;
  }
  static Finding finding(const Diagnosis& diagnosis, const std::string& what) {
    return finding_named(diagnosis.findings, what);
  }
  // Without what depends on the machine that the test runs on: its clocks.
  static Findings of_the_test(const Diagnosis& diagnosis) {
    Findings findings = diagnosis.findings;
    std::erase_if(findings, [](const Finding& each) { return each.what.starts_with("clock"); });
    return findings;
  }
  // In a child, which may give up what it likes. Its exit status is 0 when `check` returned true.
  static void in_a_child(const std::function<bool()>& check) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(check() ? 0 : 1);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  static void keep_capabilities(std::uint64_t kept) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    for (int word = 0; word < 2; ++word)
      data[word].effective = data[word].permitted = static_cast<__u32>(kept >> (32 * word));
    if (syscall(SYS_capset, &header, data) != 0) _exit(3);
  }
};

TEST_F(DoctorTest, FindsNothingWrongHereAndPredictsTheFastestWay) {
  const Diagnosis diagnosis = diagnose(config());
  const Findings findings = of_the_test(diagnosis);
  EXPECT_EQ(worst_of(findings), Level::kOk) << findings_text(findings);
  for (const char* what : {"kernel", "capabilities", "binary", "memlock", "huge pages", "queues", "mtu",
                           "xdp", "zero-copy", "xdp program", "offloads", "rss", "ntuple", "firewall",
                           "rp_filter", "interrupts", "numa", "port 8003", "clock"})
    finding(diagnosis, what);
  std::ostringstream manual;
  manual << std::ifstream("docs/operating.md").rdbuf();
  for (const Finding& each : findings) {
    const std::string name = each.what.starts_with("port ") ? "port N" : each.what;
    EXPECT_NE(manual.str().find("`" + name + "`"), std::string::npos) << name << " is not explained";
  }
  EXPECT_EQ(diagnosis.prediction, "`penstock run` would take kernel_filter, native copy");
  EXPECT_NE(findings_json(findings, diagnosis.prediction).find("\"worst\": \"OK\""), std::string::npos);
}

TEST_F(DoctorTest, OnlyTheFastPathGoesPastTheFirewall) {
  const Diagnosis by_sockets = diagnose(config(Path::kUdp));
  EXPECT_TRUE(std::none_of(by_sockets.findings.begin(), by_sockets.findings.end(),
                           [](const Finding& each) { return each.what == "firewall"; }));
}

TEST_F(DoctorTest, NamesTheInterfaceThatIsNotThere) {
  RunConfig missing = config();
  missing.interface = "nosuch0";
  const Diagnosis diagnosis = diagnose(missing);
  EXPECT_EQ(finding(diagnosis, "interface").level, Level::kFail);
  EXPECT_NE(diagnosis.prediction.find("would not start"), std::string::npos) << diagnosis.prediction;
}

TEST_F(DoctorTest, AFurtherInterfaceIsHeldToTheSame) {
  RunConfig two = config();
  two.further_interfaces = {"nosuch0"};
  const Diagnosis diagnosis = diagnose(two);
  EXPECT_EQ(finding(diagnosis, "queues").level, Level::kOk);
  EXPECT_EQ(finding(diagnosis, "nosuch0 interface").level, Level::kFail);
  EXPECT_NE(diagnosis.prediction.find("would not start"), std::string::npos) << diagnosis.prediction;
}

TEST_F(DoctorTest, SeesAProgramInEitherSlotAndPredictsTheStepDown) {
  for (const AttachMode mode : {AttachMode::kNative, AttachMode::kGeneric}) {
    ReceiverPlan plan{.path = Path::kKernelFilter};
    plan.af_xdp = config_of(Filter::kKernel);
    plan.af_xdp.attach_mode = mode;
    plan.af_xdp.classifier.ports = {kOtherPort};
    const auto running = open_receiver(plan);
    ASSERT_TRUE(running) << running.error().message();
    const Diagnosis diagnosis = diagnose(config());
    EXPECT_EQ(finding(diagnosis, "xdp program").level, Level::kWarn) << "sockets do without";
    EXPECT_EQ(finding(diagnose(config(Path::kKernelFilter)), "xdp program").level, Level::kFail);
    EXPECT_NE(finding(diagnosis, "xdp program").fix.find(to_string(mode)), std::string::npos);
    EXPECT_NE(diagnosis.prediction.find("would take io_uring, since"), std::string::npos)
        << diagnosis.prediction;
    EXPECT_NE(diagnose(config(Path::kKernelFilter)).prediction.find("would not start"), std::string::npos);
    // And so it comes.
    plan = {.path = std::nullopt};
    plan.af_xdp = config_of(Filter::kKernel);
    plan.sockets = {.ports = {kPort}, .frames = 64};
    const auto opened = open_receiver(plan);
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(opened->receiver->path(), Path::kIoUring);
  }
}

TEST_F(DoctorTest, APortThatIsHeldIsWrongUnlessThatIsWanted) {
  ReceiverPlan plan{.path = Path::kUdp, .sockets = {.ports = {kPort}, .frames = 64}};
  const auto holder = open_receiver(plan);
  ASSERT_TRUE(holder);
  const Diagnosis diagnosis = diagnose(config());
  EXPECT_EQ(finding(diagnosis, "port 8003").level, Level::kFail);
  EXPECT_NE(diagnosis.prediction.find("would not start"), std::string::npos);

  RunConfig external = config();
  external.receiver.companion = Companion::kExternal;
  EXPECT_EQ(finding(diagnose(external), "port 8003").level, Level::kOk);
  external.ports = {kOtherPort};
  EXPECT_EQ(finding(diagnose(external), "port " + std::to_string(kOtherPort)).level, Level::kWarn);
}

TEST_F(DoctorTest, CountsQueuesAgainstSockets) {
  RunConfig more = config();
  more.receiver.sockets = 2;
  EXPECT_EQ(finding(diagnose(more), "queues").level, Level::kFail) << "pen1 has one";
}

TEST_F(DoctorTest, SeesALinkThatIsDownAndAnMtuThatIsTooLarge) {
  run("ip link set dev pen1 down mtu 3000");
  const Diagnosis diagnosis = diagnose(config());
  EXPECT_EQ(finding(diagnosis, "link").level, Level::kWarn);
  EXPECT_EQ(finding(diagnosis, "mtu").level, Level::kWarn);
}

TEST_F(DoctorTest, NamesEachMissingCapability) {
  in_a_child([] {
    keep_capabilities(std::uint64_t{1} << CAP_NET_RAW);
    const Diagnosis diagnosis = diagnose(config());
    const Finding& missing = finding(diagnosis, "capabilities");
    return missing.level == Level::kWarn && missing.found.find("CAP_BPF") != std::string::npos &&
           missing.found.find("CAP_NET_ADMIN") != std::string::npos &&
           missing.found.find("CAP_PERFMON") != std::string::npos &&
           missing.found.find("CAP_NET_RAW") == std::string::npos &&
           diagnosis.prediction.find("would take io_uring, since") != std::string::npos;
  });
}

TEST_F(DoctorTest, HoldsTheUmemAgainstMemlock) {
  in_a_child([] {
    const rlimit limit{64u << 10, 64u << 10};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
    if (finding(diagnose(config()), "memlock").level != Level::kOk) return false;  // CAP_IPC_LOCK
    keep_capabilities(std::uint64_t{1} << CAP_NET_RAW | std::uint64_t{1} << CAP_NET_ADMIN |
                      std::uint64_t{1} << CAP_BPF | std::uint64_t{1} << CAP_PERFMON);
    const Diagnosis diagnosis = diagnose(config());
    return finding(diagnosis, "capabilities").level == Level::kOk &&
           finding(diagnosis, "memlock").level == Level::kWarn &&
           finding(diagnose(config(Path::kKernelFilter)), "memlock").level == Level::kFail &&
           diagnosis.prediction.find("does not fit what may be locked") != std::string::npos;
  });
}

TEST_F(DoctorTest, SeesAQueueThatAnotherAfXdpSocketHolds) {
  if (!queues_with_af_xdp(if_nametoindex("pen1"))) GTEST_SKIP() << "this kernel does not say (Linux 6.15)";
  Result<Umem> umem = Umem::create(64);
  ASSERT_TRUE(umem);
  const std::array<std::uint32_t, 2> frames{0, 1};
  const auto holder = XskSocket::open(
      {.interface_index = if_nametoindex("pen1"), .interface = "pen1", .rx_entries = 4, .fill_entries = 8},
      *umem, frames);
  ASSERT_TRUE(holder) << holder.error().message();
  const Diagnosis diagnosis = diagnose(config(Path::kKernelFilter));
  EXPECT_EQ(finding(diagnosis, "af_xdp sockets").level, Level::kFail);
  EXPECT_NE(diagnosis.prediction.find("another AF_XDP socket holds queue 0"), std::string::npos);
  // And so it comes, with what bind() waits for such a queue.
  ReceiverPlan plan{.path = Path::kKernelFilter, .af_xdp = config_of(Filter::kKernel)};
  EXPECT_FALSE(open_receiver(plan));
}

TEST_F(DoctorTest, SeesADriverWithoutNativeXdp) {
  if (!xdp_features_of(if_nametoindex("lo"))) GTEST_SKIP() << "this kernel does not say (Linux 6.3)";
  RunConfig on_lo = config(Path::kKernelFilter);
  on_lo.interface = "lo";
  EXPECT_EQ(finding(diagnose(on_lo), "xdp").level, Level::kWarn);
  EXPECT_NE(diagnose(on_lo).prediction.find("would take kernel_filter, generic copy, since"),
            std::string::npos);
  on_lo.path = Path::kUserspaceFilter;
  EXPECT_EQ(finding(diagnose(on_lo), "xdp").level, Level::kFail);
}

TEST_F(DoctorTest, GoesByWhatIsConfiguredForZeroCopyAndHugePages) {
  RunConfig configured = config();
  configured.zero_copy = ZeroCopy::kForce;
  EXPECT_EQ(finding(diagnose(configured), "zero-copy").level, Level::kFail) << "veth has none";
  configured.zero_copy = ZeroCopy::kOff;
  EXPECT_EQ(finding(diagnose(configured), "zero-copy").found, "off, as configured");
  configured.path = Path::kKernelFilter;
  configured.receiver.huge_pages = HugePages::kRequired;
  configured.receiver.rx_entries = configured.receiver.sockets = 1;
  const bool enough = free_huge_pages() > 20;
  EXPECT_EQ(finding(diagnose(configured), "huge pages").level, enough ? Level::kOk : Level::kFail);
  configured.receiver.huge_pages = HugePages::kOff;
  EXPECT_EQ(finding(diagnose(configured), "huge pages").level, Level::kOk);
}

TEST_F(DoctorTest, LooksAtTheDevicesTimersForBusyPolling) {
  RunConfig configured = config();
  configured.wait = WaitStrategy::kBusyPoll;
  for (const char* knob : {"pen1 napi_defer_hard_irqs", "pen1 gro_flush_timeout"})
    EXPECT_EQ(finding(diagnose(configured), knob).level, Level::kWarn);
  run("echo 2 > /sys/class/net/pen1/napi_defer_hard_irqs; "
      "echo 200000 > /sys/class/net/pen1/gro_flush_timeout");
  for (const char* knob : {"pen1 napi_defer_hard_irqs", "pen1 gro_flush_timeout"})
    EXPECT_EQ(finding(diagnose(configured), knob).level, Level::kOk);
}

TEST_F(DoctorTest, LooksForRoomForTheCapture) {
  const std::string folder = ::testing::TempDir() + "/doctor_capture";
  RunConfig configured = config();
  configured.capture.folder = folder;
  EXPECT_EQ(finding(diagnose(configured), "capture").level, Level::kFail) << "there is none";
  run("mkdir " + folder + " && mount -t tmpfs -o size=3m tmpfs " + folder);
  configured.capture.file_mib = 1;
  configured.capture.files = 3;
  EXPECT_EQ(finding(diagnose(configured), "capture").level, Level::kOk);
  configured.capture.files = 4;
  EXPECT_EQ(finding(diagnose(configured), "capture").level, Level::kWarn);
  run("head -c 2097152 /dev/zero > " + folder + "/penstock-000001.pcapng");
  configured.capture.files = 3;
  EXPECT_EQ(finding(diagnose(configured), "capture").level, Level::kOk) << "that one would go";
  run("mv " + folder + "/penstock-000001.pcapng " + folder + "/another");
  EXPECT_EQ(finding(diagnose(configured), "capture").level, Level::kWarn) << "that one would stay";
  run("umount " + folder + " && rmdir " + folder);
}

TEST(Doctor, ComparesTheKernelsRelease) {
  for (const char* good : {"5.15.0", "5.15", "6.1.0-25-amd64", "10.0", "unreadable"})
    EXPECT_TRUE(is_new_enough(good)) << good;
  for (const char* old : {"5.14.21", "4.19.0-27", "5.4"})
    EXPECT_FALSE(is_new_enough(old)) << old;
}

}  // namespace
}  // namespace penstock
