// What the net tile's way of a packet must not do: allocate, lock, log or call the system for each. Over the
// fake kernel, with both filters.
//
// This binary counts operator new and pthread_mutex_lock; a child of it forbids itself every system call, so
// that a log line, a contended lock or grown memory ends it.
#include <dlfcn.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/receive/testing/xsk_rig.h"
#include "engine/testing/allocations.h"
#include "engine/tiles/net_thread.h"
#include "engine/tiles/port_links.h"

namespace {
std::atomic<std::uint64_t> locks{0};
}  // namespace

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  ++locks;
  static auto* const kNext =
      reinterpret_cast<int (*)(pthread_mutex_t*)>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  return kNext(mutex);
}

namespace penstock {
namespace {

constexpr std::size_t kDepth = 256;
constexpr RigShape kShape{.queues = 2,
                          .rx_entries = 1024,
                          .frames_per_queue = 2048,
                          .consumer_frames = 2 * kDepth};  // row_classifier() has two ports

// A turn of the net tile; the number of frags.
std::size_t turn(XskRig& rig, PortLinks& links) {
  const std::span<const Frag> frags = rig.receive().poll();
  rig.receive().give_back(links.take(frags));
  return frags.size();
}

// From here on every system call but the end of the process ends it with SIGSYS.
void forbid_system_calls() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  const sock_fprog filter{std::size(program), program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    _exit(3);
}

// Every kind of frame there is, several thousand times. Ends the process: 0 when all was quiet and the frames
// went where they belong.
[[noreturn]] void receive_in_silence(Filter filter) {
  XskRig rig(filter, kShape);
  PortLinks links(2, kDepth, rig.first_consumer_frame());
  const std::vector<FrameRow> rows = frame_rows();
  std::uint64_t published = 0;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);  // so that its lookup is done
  const std::uint64_t before = allocations() + locks;
  forbid_system_calls();
  for (int round = 0; round < 2'000; ++round) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      rig.deliver(static_cast<int>(i % 2), rows[i].frame);
    rig.kernel().inject_descriptor(round % 2, {std::uint64_t{1} << 40, 60, 0});
    for (std::size_t polls = 0; polls < rows.size() / Receiver::kBatch + 2; ++polls)
      published += turn(rig, links);
  }
  if (allocations() + locks != before) _exit(1);
  _exit(published >= 2'000 ? 0 : 2);
}

TEST(NetPath, AllocatesLocksLogsAndCallsNothingForAPacket) {
  EXPECT_EXIT(receive_in_silence(Filter::kKernel), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(receive_in_silence(Filter::kUserspace), testing::ExitedWithCode(0), "");
}

// Delivers to itself what is due at a rate, by the real clock, and counts what goes through the seam.
class SelfFedReceiver final : public Receiver {
 public:
  static constexpr Nanoseconds kGap = 10'000;  // 100,000 packets a second

  explicit SelfFedReceiver(Filter filter) : filter_(filter), rig_(filter, kShape) {}

  std::span<const Frag> poll() override {
    const Nanoseconds now = clock_.now();
    if (due_ == 0) due_ = now;
    // At most a batch a poll: what came due while the machine stood still is caught up with.
    for (std::size_t i = 0; i < kBatch && due_ <= now; ++i, due_ += kGap)
      rig_.deliver(static_cast<int>(i % 2), frame_);
    const std::span<const Frag> frags = rig_.receive().poll();
    received += frags.size();
    return frags;
  }
  void give_back(std::span<const Frag> frags) override { rig_.receive().give_back(frags); }
  Status wait(Nanoseconds timeout) override { return rig_.receive().wait(timeout); }
  Status refresh_counters() override {
    ++statistics;
    return rig_.receive().read_statistics();
  }
  void detach() override {}
  void stop() override {}
  Path path() const override {
    return filter_ == Filter::kKernel ? Path::kKernelFilter : Path::kUserspaceFilter;
  }
  std::string mode() const override { return "fake"; }

  std::uint64_t system_calls() {
    return rig_.kernel().wakeups() + rig_.kernel().waits() + kShape.queues * statistics;
  }
  XskRig& rig() { return rig_; }

  std::atomic<std::uint64_t> received{0};
  std::uint64_t statistics = 0;

 private:
  Filter filter_;
  XskRig rig_;
  MonotonicClock clock_;
  Nanoseconds due_ = 0;
  std::vector<std::byte> frame_ = taken_frame(1203);
};

TEST(NetPath, SpinningMakesAtMostOneSystemCallFor64PacketsAt100000ASecond) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    SelfFedReceiver receiver(filter);
    PortLinks links(2, kDepth, receiver.rig().first_consumer_frame());
    auto net = NetThread::start(receiver, links, {.wait = WaitStrategy::kSpin});
    ASSERT_TRUE(net) << net.error().message();
    const MonotonicClock clock;
    const Nanoseconds deadline = clock.now() + 20 * kSecond;
    while (receiver.received < 30'000 && clock.now() < deadline)
      usleep(1'000);
    ASSERT_TRUE((*net)->stop());
    EXPECT_GE(receiver.received, 30'000u);
    EXPECT_GT(receiver.system_calls(), 0u) << "its housekeeping asks for statistics at least";
    EXPECT_LE(64 * receiver.system_calls(), receiver.received);
  }
}

}  // namespace
}  // namespace penstock
