// The leak check itself: what is left behind is seen and named. Needs root.
#include "sim/topology/leaks/kernel_objects.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/unique_fd.h"
#include "sim/topology/iproute.h"
#include "sim/topology/netns.h"

namespace penstock {
namespace {

// The names added by `leave_behind` that hold `text`.
template <typename LeaveBehind>
std::vector<std::string> added(const std::string& text, LeaveBehind&& leave_behind) {
  const KernelObjects before = *KernelObjects::snapshot();
  leave_behind();
  std::vector<std::string> names = KernelObjects::snapshot()->added_since(before);
  std::erase_if(names, [&](const std::string& name) { return name.find(text) == std::string::npos; });
  return names;
}

TEST(KernelObjects, NothingChangesByItself) {
  const auto names = added("", [] {});
  // Other tests on the machine may load BPF objects meanwhile; nothing else may appear.
  for (const std::string& name : names) {
    EXPECT_TRUE(name.starts_with("bpf ")) << name;
  }
}

TEST(KernelObjects, SeeAnInterface) {
  const auto ns = *NetNamespace::current();
  const auto names = added(
      "interface", [&] { ASSERT_TRUE(ip_batch(ns, {"link add name leak0 type veth peer name leak1"})); });
  EXPECT_EQ(names, (std::vector<std::string>{"interface leak0", "interface leak1"}));
  const Status stays = wait_until_gone(names, 0);
  ASSERT_FALSE(stays);
  EXPECT_EQ(stays.error().code, ETIMEDOUT);
  EXPECT_NE(stays.error().what.find("interface leak0, interface leak1"), std::string::npos);
  ASSERT_TRUE(ip_batch(ns, {"link del dev leak0"}));
  EXPECT_TRUE(wait_until_gone(names, 10 * kSecond));
}

TEST(KernelObjects, SeeABpfMapAndThatItGoes) {
  UniqueFd map;
  const auto names = added("penstock_leak", [&] {
    map = UniqueFd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "penstock_leak", 4, 4, 1, nullptr));
    ASSERT_TRUE(map);
  });
  ASSERT_EQ(names.size(), 1u);
  EXPECT_TRUE(names[0].starts_with("bpf map ")) << names[0];
  map.reset();
  EXPECT_TRUE(wait_until_gone(names, 10 * kSecond));
}

TEST(KernelObjects, SeeAMount) {
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  const auto names = added(
      "/run/netns", [] { ASSERT_EQ(mount("tmpfs", "/run/netns", "tmpfs", 0, "size=4096"), 0) << errno; });
  EXPECT_EQ(names.size(), 1u);
  ASSERT_EQ(umount("/run/netns"), 0);
  EXPECT_TRUE(wait_until_gone(names, 0));
}

TEST(KernelObjects, SeeASettingThatChanged) {
  const auto ns = *NetNamespace::current();
  const auto names = added("sysctl", [&] { ASSERT_TRUE(ns.set_sysctl("ipv4/conf/lo/rp_filter", "2")); });
  EXPECT_EQ(names, std::vector<std::string>{"sysctl net/ipv4/conf/lo/rp_filter = 2"});
}

TEST(KernelObjects, SeeSharedMemory) {
  const std::string name = "/penstock-leak-" + std::to_string(getpid());
  const auto names = added("shared memory", [&] {
    const UniqueFd file(shm_open(name.c_str(), O_CREAT | O_RDWR, 0600));
    ASSERT_TRUE(file);
  });
  EXPECT_EQ(names, std::vector<std::string>{"shared memory /dev/shm" + name});
  ASSERT_EQ(shm_unlink(name.c_str()), 0);
  EXPECT_TRUE(wait_until_gone(names, 0));
}

TEST(KernelObjects, SeeAProcessUntilItEnds) {
  pid_t child = 0;
  const auto names = added("process", [&] {
    child = fork();
    if (child == 0) {
      for (;;) {
        pause();
      }
    }
  });
  ASSERT_EQ(names.size(), 1u);
  EXPECT_TRUE(names[0].starts_with("process " + std::to_string(child) + " ")) << names[0];
  ASSERT_EQ(kill(child, SIGKILL), 0);
  EXPECT_TRUE(wait_until_gone(names, 10 * kSecond));  // also before anyone waits for it
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
}

}  // namespace
}  // namespace penstock
