// Making the call, and ending it.
#include "sim/replay/live_call.h"

#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>

#include <bpf/bpf.h>

#include <limits>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/wait.h"
#include "sim/replay/pin.h"

namespace penstock {
namespace {

constexpr Nanoseconds kBetweenSignals = kMillisecond;

void handle_signal(int) {}

// Without SA_RESTART: the system call that it interrupts returns.
Status install_handler() {
  struct sigaction action {};
  action.sa_handler = handle_signal;
  if (::sigaction(kLiveCallSignal, &action, nullptr) != 0) return fail("install a signal handler", errno);
  return {};
}

}  // namespace

// The handler comes first: stop() may signal a thread that has not begun.
LiveCall::LiveCall(const LiveCallConfig& config)
    : status_(install_handler()), thread_([this, config] { run(config); }) {}

void LiveCall::run(const LiveCallConfig& config) {
  PinnedThread pinned;
  if (status_) status_ = pinned.to(config.cpu);
  while (status_ && wanted_.load(std::memory_order_relaxed)) {
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = config.page.data(),
                .data_size_in = static_cast<std::uint32_t>(config.page.size()),
                .repeat = std::numeric_limits<int>::max(), .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                .batch_size = config.batch);
    const int error = -bpf_prog_test_run_opts(config.program_fd, &options);
    if (error == 0 || error == EINTR) continue;
    status_ = fail("run the generator by BPF_PROG_TEST_RUN with live frames", error,
                   error == EINVAL  ? "live frames need Linux 5.18"
                   : error == EPERM ? "run as root, or with CAP_BPF and CAP_NET_ADMIN"
                                    : "");
  }
  ended_.store(true, std::memory_order_release);
}

Status LiveCall::stop() {
  if (!thread_.joinable()) return status_;
  wanted_.store(false, std::memory_order_relaxed);
  while (running()) {
    ::pthread_kill(thread_.native_handle(), kLiveCallSignal);
    sleep_for(kBetweenSignals);
  }
  thread_.join();
  return status_;
}

}  // namespace penstock
