// Law 4: a run that is killed with SIGKILL, wherever it was, leaves nothing behind. The run is a plain
// child of this test: it is the kernel's reference counts that clean up, not a PID namespace. Needs root.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/receive/af_xdp_receiver.h"
#include "sim/topology/host_tap.h"
#include "sim/topology/iproute.h"
#include "sim/topology/leaks/kernel_objects.h"
#include "sim/topology/redirect_errors.h"
#include "sim/topology/udp_oracle.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

// The kernel frees from work queues, and a busy machine's stand still at times.
constexpr Nanoseconds kPatience = 60 * kSecond;

constexpr std::array<std::uint16_t, 1> kPorts = {8000};
constexpr int kSteps = 5;

void report(int pipe, const std::string& text) {
  if (write(pipe, text.data(), text.size()) < 0) _exit(2);
}

template <typename T>
void require(const T& result) {
  if (result) return;
  const std::string message = result.error().message() + "\n";
  if (write(STDERR_FILENO, message.data(), message.size()) < 0) _exit(2);
  _exit(1);
}

// All that a run makes, one step after the other; tells of each, then where its namespaces are.
[[noreturn]] void run_until_killed(int pipe) {
  const auto topology = VethTopology::create({.queues = 2});
  require(topology);
  report(pipe, "1");
  const VethTopology::End& receiver = topology->receiver();
  const auto oracle = UdpOracle::start(receiver.ns, kPorts, [](auto&&...) {});
  require(oracle);
  report(pipe, "2");
  const auto tap = HostTap::start(receiver.ns, receiver.interface, [](auto&&) {});
  require(tap);
  report(pipe, "3");
  const auto engine = run_in(receiver.ns, [&] {
    return AfXdpReceiver::open({.filter = Filter::kUserspace,
                                .interface = receiver.interface,
                                .classifier = {.ports = {8000}},
                                .queues = 2,
                                .rx_entries = 256});
  });
  require(engine);
  report(pipe, "4");
  const auto map = (*engine)->program().socket_map_id();
  require(map);
  const auto errors = RedirectErrors::attach(*map);
  require(errors);
  report(pipe, "5" + topology->sender().ns.path() + "\n" + receiver.ns.path() + "\n");
  for (;;) {
    pause();
  }
}

class KillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Orphans become children of this process, so that the leak check sees them.
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ASSERT_EQ(pipe2(pipe_.data(), O_CLOEXEC), 0);
    child_ = fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) run_until_killed(pipe_[1]);
    close(pipe_[1]);
  }

  void TearDown() override {
    close(pipe_[0]);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }

  // Reads what the run tells, up to `mark` included; empty when it ended before.
  std::string read_to(char mark) const {
    std::string text;
    for (char c = 0; c != mark; text += c) {
      if (read(pipe_[0], &c, 1) != 1) return "";
    }
    return text;
  }

  void kill_and_expect_nothing_left() {
    ASSERT_EQ(kill(child_, SIGKILL), 0);
    const std::vector<std::string> added = KernelObjects::snapshot()->added_since(before_);
    int status = 0;
    ASSERT_EQ(waitpid(child_, &status, 0), child_);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the run ended by itself, status " << WEXITSTATUS(status);
    const Status gone = wait_until_gone(added, kPatience);
    EXPECT_TRUE(gone) << gone.error().message();
  }

  const KernelObjects before_ = *KernelObjects::snapshot();
  std::array<int, 2> pipe_{};
  pid_t child_ = 0;
};

class KillAfterStep : public KillTest, public ::testing::WithParamInterface<int> {};

TEST_P(KillAfterStep, LeavesNothing) {
  if (GetParam() > 0) {
    ASSERT_NE(read_to(static_cast<char>('0' + GetParam())), "");
  }
  kill_and_expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(, KillAfterStep, ::testing::Range(0, kSteps + 1));

class KillAtTime : public KillTest, public ::testing::WithParamInterface<int> {};

TEST_P(KillAtTime, LeavesNothing) {
  usleep(static_cast<useconds_t>(GetParam()) * 700);
  kill_and_expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(, KillAtTime, ::testing::Range(0, 40));

// A namespace without a name is in no list. An interface in it whose peer is here is the witness: the peer
// goes when the namespace goes.
TEST_F(KillTest, TakesItsNamespacesAlong) {
  ASSERT_NE(read_to('5'), "");
  const NetNamespace here = *NetNamespace::current();
  std::vector<std::string> witnesses;
  for (const std::string name : {"witness0", "witness1"}) {
    std::string path = read_to('\n');
    path.pop_back();
    ASSERT_TRUE(
        ip_batch(here, {fmt::format("link add name {} type veth peer name peer netns {}", name, path)}));
    witnesses.push_back("interface " + name);
  }
  EXPECT_FALSE(wait_until_gone(witnesses, 0));
  kill_and_expect_nothing_left();
  EXPECT_TRUE(wait_until_gone(witnesses, kPatience));
}

// While the run lives its objects are there: otherwise the tests above would prove nothing.
TEST_F(KillTest, SeesTheRunWhileItLives) {
  ASSERT_NE(read_to('5'), "");
  const std::vector<std::string> added = KernelObjects::snapshot()->added_since(before_);
  const auto has = [&added](const std::string& text) {
    return std::any_of(added.begin(), added.end(),
                       [&text](const std::string& name) { return name.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(has("process " + std::to_string(child_)));
  EXPECT_TRUE(has(" take_all"));
  EXPECT_TRUE(has(" sockets"));
  EXPECT_TRUE(has("count_redirect"));
  EXPECT_TRUE(has("bpf link "));
  kill_and_expect_nothing_left();
}

}  // namespace
}  // namespace penstock
