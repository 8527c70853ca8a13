// Opening a group, and heeding what is posted to it.
#include "engine/receive/queue_group.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

// Half of what the dead-man's switch allows.
constexpr Nanoseconds kLongestWait = 50 * kMillisecond;

}  // namespace

Result<std::unique_ptr<QueueGroup>> QueueGroup::open(const QueueGroupConfig& config, Classifier classifier,
                                                     const PortPlaces& places, const Umem& umem,
                                                     ReceiverProgram& program) {
  PENSTOCK_CHECK(config.queues > 0);
  std::unique_ptr<QueueGroup> group(new QueueGroup);
  group->filter_ = config.filter;
  group->program_ = &program;
  group->interface_ = config.socket.interface;
  group->attach_mode_ = config.attach_mode;
  group->memory_ = umem.memory();
  group->first_consumer_frame_ = config.consumer_frame;
  if (config.filter == Filter::kUserspace) {
    const bool told = config.life_sign == LifeSign::kTold;
    group->gives_signs_ = config.life_sign != LifeSign::kNone;
    if (group->gives_signs_) group->poll_clock_ = told ? EngineClock(group->polled_) : program.net_clock();
    group->poll_clock_.beat(group->clock_.now());
    auto path = ReturnPath::start(config.return_path, group->memory_,
                                  told ? EngineClock(group->returned_) : program.return_clock());
    if (!path) return tl::unexpected(path.error());
    group->return_path_ = std::move(*path);
  }
  std::vector<XskReceive::Queue> queues;
  if (Status s = group->open_sockets(config, umem, program, queues); !s) return tl::unexpected(s.error());
  group->receive_ = std::make_unique<XskReceive>(
      XskReceive::Config{.filter = config.filter,
                         .return_link = group->return_path_ ? &group->return_path_->link() : nullptr,
                         .max_payload = config.max_payload},
      Classifier(classifier), group->memory_, std::move(queues), group->system_, group->counters_);
  group->receive_->set_classifier(std::move(classifier), places);
  return group;
}

Status QueueGroup::open_sockets(const QueueGroupConfig& config, const Umem& umem, ReceiverProgram& program,
                                std::vector<XskReceive::Queue>& queues) {
  std::vector<std::uint32_t> frames(config.frames_of_queue);
  for (std::uint32_t i = 0; i < config.queues; ++i) {
    XskConfig xsk = config.socket;
    xsk.queue = config.first_queue + i;
    PENSTOCK_CHECK(2 * config.frames_of_queue <= xsk.fill_entries);  // so that giving one back never fails
    std::iota(frames.begin(), frames.end(), config.first_frame + i * config.frames_of_queue);
    Result<XskSocket> socket = XskSocket::open(xsk, umem, frames);
    if (!socket) return tl::unexpected(socket.error());
    if (Status s = program.set_socket(xsk.queue, socket->fd()); !s) return s;
    queues.push_back({socket->fd(), FillRing(socket->fill_memory()), RxRing(socket->rx_memory())});
    sockets_.push_back(std::move(*socket));
  }
  return {};
}

std::span<const Frag> QueueGroup::poll() {
  if (gives_signs_) poll_clock_.beat(clock_.now());
  if (!heeded()) heed();
  return receive_->poll();
}

Status QueueGroup::wait(Nanoseconds timeout, int also) {
  const Nanoseconds longest = filter_ == Filter::kUserspace ? std::min(timeout, kLongestWait) : timeout;
  return receive_->wait(longest, also);
}

void QueueGroup::stop() {
  if (return_path_) return_path_->stop();
}

Status QueueGroup::refresh_counters() {
  receive_->turn_meters(clock_.now());
  return receive_->read_statistics();
}

std::vector<QueueLoad> QueueGroup::queue_loads() const {
  std::vector<QueueLoad> loads;
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    const QueueMeter& meter = receive_->meter(i);
    loads.push_back({.interface = interface_,
                     .queue = sockets_[i].queue(),
                     .frames = meter.frames(),
                     .most_waiting = meter.most_waiting(),
                     .entries = sockets_[i].rx_memory().size});
  }
  return loads;
}

CounterSnapshot QueueGroup::snapshot() const {
  CounterSnapshot total = counters_.snapshot();
  if (return_path_) total += return_path_->snapshot();
  return total;
}

void QueueGroup::post(Classifier classifier, const PortPlaces& places) {
  const std::scoped_lock lock(mail_);
  change_.emplace(Change{std::move(classifier), places});
  posted_.fetch_add(1, std::memory_order_relaxed);
}

void QueueGroup::post_mark() {
  const std::scoped_lock lock(mail_);
  mark_ = true;
  posted_.fetch_add(1, std::memory_order_relaxed);
}

void QueueGroup::heed() {
  if (taken_ != posted_.load(std::memory_order_relaxed)) {
    const std::scoped_lock lock(mail_);
    taken_ = posted_.load(std::memory_order_relaxed);
    if (change_) receive_->set_classifier(std::move(change_->classifier), change_->places);
    change_.reset();
    if (mark_) receive_->mark();
    draining_ = draining_ || mark_;
    mark_ = false;
  }
  if (draining_ && !receive_->passed_mark()) return;
  draining_ = false;
  heeded_.store(taken_, std::memory_order_release);
}

Nanoseconds QueueGroup::sign_of_life() const {
  const auto told = [](__u64& clock) { return std::atomic_ref(clock).load(std::memory_order_relaxed); };
  const __u64 older = std::min(told(polled_), told(returned_));
  return older == PENSTOCK_NO_TILE ? clock_.now() : static_cast<Nanoseconds>(older);
}

Path QueueGroup::path() const {
  return filter_ == Filter::kKernel ? Path::kKernelFilter : Path::kUserspaceFilter;
}

std::string QueueGroup::mode() const {
  const bool zero_copy = sockets_.front().mode() == XskMode::kZeroCopy;
  return fmt::format("{} {}", to_string(attach_mode_), zero_copy ? "zero-copy" : "copy");
}

}  // namespace penstock
