// poll(2) over the descriptors and an eventfd.
#include "sim/topology/poll_thread.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <utility>

namespace penstock {
namespace {

void run(int wake, const std::vector<int>& descriptors, const std::function<bool()>& drain) {
  std::vector<pollfd> polled{pollfd{wake, POLLIN, 0}};
  for (const int descriptor : descriptors) {
    polled.push_back(pollfd{descriptor, POLLIN, 0});
  }
  for (;;) {
    poll(polled.data(), polled.size(), -1);
    const bool stopped = polled[0].revents != 0;  // looked at first: what came before it is drained below
    const bool finished = polled.size() == 1 || !drain();
    if (stopped) return;
    if (finished) polled.resize(1);
  }
}

}  // namespace

Result<PollThread> PollThread::start(std::vector<int> descriptors, std::function<bool()> drain) {
  UniqueFd wake(eventfd(0, EFD_CLOEXEC));
  if (!wake) return fail("eventfd", errno);
  const int wake_number = wake.get();
  PollThread made(std::move(wake));
  made.thread_ = std::thread([wake_number, descriptors = std::move(descriptors), drain = std::move(drain)] {
    run(wake_number, descriptors, drain);
  });
  return made;
}

void PollThread::stop() {
  if (!thread_.joinable()) return;
  eventfd_write(wake_.get(), 1);
  thread_.join();
}

}  // namespace penstock
