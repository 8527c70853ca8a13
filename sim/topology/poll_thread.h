// A thread that sleeps until one of its descriptors is readable and then takes what is there.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

// Thread safety: start and stop from one thread. `drain` runs on the thread of this object only, until
// stop() returns; it must not block and must not throw. When it returns false, the descriptors are
// finished with: the thread sleeps until stop().
class PollThread {
 public:
  // Borrows the descriptors.
  static Result<PollThread> start(std::vector<int> descriptors, std::function<bool()> drain);

  PollThread(PollThread&&) noexcept = default;
  PollThread& operator=(PollThread&&) = delete;
  ~PollThread() { stop(); }

  // Drains once more (unless finished) and ends the thread. May be called again, to no effect.
  void stop();

 private:
  explicit PollThread(UniqueFd wake) : wake_(std::move(wake)) {}

  UniqueFd wake_;  // eventfd
  std::thread thread_;
};

}  // namespace penstock
