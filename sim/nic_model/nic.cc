// From the wire to the RX rings.
#include "sim/nic_model/nic.h"

#include <errno.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "sim/nic_model/rss.h"

namespace penstock {

NicModel::NicModel(const NicConfig& config, FakeKernel& kernel, ModelProgram& program, Host host)
    : config_(config),
      kernel_(kernel),
      program_(program),
      host_(std::move(host)),
      queues_(config.queues),
      active_(config.queues) {
  PENSTOCK_CHECK(config.queues > 0 && config.device_ring > 0 && config.budget > 0);
}

std::uint32_t NicModel::queue_of(std::span<const std::byte> frame) const {
  return (rss_queue(frame, active_) + rotation_) % active_;
}

int NicModel::bind(std::uint32_t queue) {
  return bound_.insert(queue).second ? 0 : EBUSY;
}

int NicModel::set_queues(std::uint32_t count) {
  const bool keeps_sockets = bound_.empty() || count > *bound_.rbegin();
  if (count == 0 || count > ModelProgram::kSlots || !keeps_sockets) return EINVAL;
  for (std::uint32_t number = count; number < active_; ++number) {
    queue_drop_ += queues_[number].ring.size();
    queues_[number].ring.clear();
  }
  if (count > queues_.size()) queues_.resize(count);
  active_ = count;
  rotation_ = 0;
  return 0;
}

void NicModel::set_link(bool up) {
  link_ = up;
  if (up) return;
  for (Queue& queue : queues_) {
    link_drop_ += queue.ring.size();
    queue.ring.clear();
  }
}

void NicModel::fail_calls(Call call, int code, std::uint32_t times) {
  faults_[static_cast<std::size_t>(call)] = {code, times};
}

int NicModel::fault(Call call) {
  Fault& fault = faults_[static_cast<std::size_t>(call)];
  if (fault.times == 0) return 0;
  --fault.times;
  return fault.code;
}

bool NicModel::arrive(std::span<const std::byte> frame) {
  if (to_lose_ != 0) {
    --to_lose_;
    ++wire_drop_;
    return false;
  }
  if (!link_) {
    ++link_drop_;
    return false;
  }
  Queue& queue = queues_[queue_of(frame)];
  if (queue.ring.size() == config_.device_ring) {
    ++queue.counters.ring_drop;
    return false;
  }
  queue.ring.push_back(frame);
  return true;
}

std::size_t NicModel::poll(Nanoseconds now) {
  std::size_t taken = 0;
  for (std::uint32_t number = 0; number < active_; ++number)
    taken += poll_queue(number, now);
  return taken;
}

std::size_t NicModel::poll_queue(std::uint32_t number, Nanoseconds now) {
  polled_queue_ = number;
  Queue& queue = queues_[number];
  const std::optional<int> fd = program_.socket(number);
  std::size_t taken = 0;
  while (taken < config_.budget && !queue.ring.empty() && !queue.stopped) {
    if (fd && starved(*fd)) {
      stop(queue, *fd, now);
      break;
    }
    const std::span<const std::byte> frame = queue.ring.front();
    queue.ring.pop_front();
    ++queue.counters.rx_packets;
    ++taken;
    if (const std::optional<int> socket = program_.run(frame, number, now)) {
      kernel_.deliver(*socket, frame);
    } else {
      host_(frame);
    }
  }
  if (fd) kernel_.flush(*fd);
  if (queue.flag_pending && now >= queue.flag_at) {
    kernel_.ask_for_wakeup(queue.stopped_fd);
    queue.flag_pending = false;
  }
  return taken;
}

bool NicModel::starved(int fd) {
  return config_.waking == NicConfig::Waking::kOnEmptyFill && !kernel_.has_frame_to_fill(fd);
}

void NicModel::stop(Queue& queue, int fd, Nanoseconds now) {
  kernel_.count_failed_take(fd);
  queue.stopped = true;
  queue.stopped_fd = fd;
  queue.flag_pending = true;
  queue.flag_at = now + config_.flag_delay;
}

Nanoseconds NicModel::next_event(Nanoseconds now) const {
  Nanoseconds next = kNothingToDo;
  for (const Queue& queue : queues_) {
    if (!queue.ring.empty() && !queue.stopped) next = now;
    if (queue.flag_pending) next = std::min(next, std::max(now, queue.flag_at));
  }
  return next;
}

std::size_t NicModel::pending() const {
  std::size_t frames = 0;
  for (const Queue& queue : queues_)
    frames += queue.ring.size();
  return frames;
}

NicQueueCounters NicModel::total() const {
  NicQueueCounters sum;
  for (const Queue& queue : queues_) {
    sum.rx_packets += queue.counters.rx_packets;
    sum.ring_drop += queue.counters.ring_drop;
  }
  return sum;
}

int NicModel::wake_rx(int fd) {
  if (const int code = fault(Call::kWake); code != 0) return code;
  if (!link_) return ENETDOWN;
  if (const int code = kernel_.wake_rx(fd); code != 0) return code;
  for (Queue& queue : queues_) {
    if (!queue.stopped || queue.stopped_fd != fd) continue;
    queue.stopped = false;
    queue.flag_pending = false;
  }
  return 0;
}

int NicModel::wait(std::span<const int> fds, Nanoseconds timeout) {
  if (const int code = fault(Call::kWait); code != 0) return -code;
  return kernel_.wait(fds, timeout);
}

int NicModel::statistics(int fd, xdp_statistics& out) {
  if (const int code = fault(Call::kStatistics); code != 0) return code;
  return kernel_.statistics(fd, out);
}

}  // namespace penstock
