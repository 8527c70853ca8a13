// The one long BPF_PROG_TEST_RUN call of a live-frame sender, on a thread of its own.
//
// One call, because each call with more than one run costs two RCU grace periods (about 20 ms): the kernel
// enters the program into the XDP dispatcher and takes it out again. A run is counted down also when it sends
// nothing, so a call ends by itself after some 100 seconds of 50 ns; it is then made again.
//
// A call is ended early by a signal, kLiveCallSignal, sent to that thread alone until the call has returned
// (a signal that arrives just before the call would be lost). Its handler does nothing; it is the process's
// from the first LiveCall on.
//
// The thread starts in the network namespace of whoever makes the object: there the kernel looks the
// redirect's target up. Thread safety: one object, one thread.
#pragma once

#include <signal.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <thread>

#include "engine/base/result.h"

namespace penstock {

// Not SIGUSR1 or SIGUSR2, which programs around us may use; above those that libraries take.
inline const int kLiveCallSignal = SIGRTMIN + 6;

struct LiveCallConfig {
  int program_fd = -1;  // an XDP program
  std::span<const std::byte>
      page{};                     // what the kernel's pages begin with, 14..3408 bytes; borrowed until stop()
  std::uint32_t batch = 64;       // runs between two flushes
  std::optional<unsigned> cpu{};  // where the thread is pinned; none: anywhere
};

class LiveCall {
 public:
  // Starts the thread and the call.
  explicit LiveCall(const LiveCallConfig& config);
  LiveCall(const LiveCall&) = delete;
  LiveCall& operator=(const LiveCall&) = delete;
  ~LiveCall() { (void)stop(); }

  // Whether the call goes on; false after an error.
  bool running() const { return !ended_.load(std::memory_order_acquire); }

  // Ends the call and the thread. Why it had ended before, if it had: an errno of the call or of pinning.
  Status stop();

 private:
  void run(const LiveCallConfig& config);

  std::atomic<bool> wanted_{true};
  std::atomic<bool> ended_{false};
  Status status_;
  std::thread thread_;
};

}  // namespace penstock
