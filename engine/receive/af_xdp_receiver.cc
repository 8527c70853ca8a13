// Putting the AF_XDP receiver together.
#include "engine/receive/af_xdp_receiver.h"

#include <errno.h>
#include <net/if.h>

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

Result<std::unique_ptr<AfXdpReceiver>> AfXdpReceiver::open(const AfXdpConfig& config) {
  PENSTOCK_CHECK(config.queues > 0);
  const unsigned interface_index = if_nametoindex(config.interface.c_str());
  if (interface_index == 0)
    return fail("find interface " + config.interface, errno, "`ip link` lists what there is");

  ClassifierConfig classifier_config = config.classifier;
  classifier_config.max_frame = usable_frame_bytes(config.frame_bytes);
  Result<Classifier> classifier = Classifier::create(classifier_config);
  if (!classifier) return tl::unexpected(classifier.error());
  Result<ReceiverProgram> program = ReceiverProgram::load(*classifier);
  if (!program) return tl::unexpected(program.error());

  // The fill ring holds all frames of its queue, so giving one back never fails.
  const std::uint32_t fill_entries = 2 * config.rx_entries;
  Result<Umem> umem = Umem::create(config.queues * fill_entries, config.frame_bytes);
  if (!umem) return tl::unexpected(umem.error());

  std::unique_ptr<AfXdpReceiver> receiver(new AfXdpReceiver);
  receiver->filter_ = config.filter;
  receiver->attach_mode_ = config.attach_mode;
  receiver->umem_ = std::make_unique<Umem>(std::move(*umem));
  receiver->program_ = std::make_unique<ReceiverProgram>(std::move(*program));
  receiver->memory_ = receiver->umem_->memory();

  std::vector<XskReceive::Queue> queues;
  std::vector<std::uint32_t> frames(fill_entries);
  for (std::uint32_t number = 0; number < config.queues; ++number) {
    std::iota(frames.begin(), frames.end(), number * fill_entries);
    const XskConfig xsk{.interface_index = interface_index,
                        .interface = config.interface,
                        .queue = number,
                        .rx_entries = config.rx_entries,
                        .fill_entries = fill_entries,
                        .mode = config.xsk_mode};
    Result<XskSocket> socket = XskSocket::open(xsk, *receiver->umem_, frames);
    if (!socket) return tl::unexpected(socket.error());
    if (Status s = receiver->program_->set_socket(number, socket->fd()); !s) return tl::unexpected(s.error());
    queues.push_back({socket->fd(), FillRing(socket->fill_memory()), RxRing(socket->rx_memory())});
    receiver->sockets_.push_back(std::move(*socket));
  }
  receiver->receive_ = std::make_unique<XskReceive>(
      XskReceive::Config{.filter = config.filter, .max_payload = config.max_payload}, std::move(*classifier),
      receiver->memory_, std::move(queues), receiver->system_, receiver->counters_);

  receiver->program_->set_scope(config.scope);
  receiver->net_clock_ = receiver->program_->net_clock();
  receiver->net_clock_.beat(receiver->clock_.now());
  if (Status s =
          receiver->program_->attach(config.filter, config.interface, interface_index, config.attach_mode);
      !s)
    return tl::unexpected(s.error());
  return receiver;
}

Status AfXdpReceiver::wait(Nanoseconds timeout) {
  return receive_->wait(filter_ == Filter::kUserspace ? std::min(timeout, kLongestWait) : timeout);
}

Status AfXdpReceiver::refresh_counters() {
  if (Status s = program_->read_counts(counters_); !s) return s;
  return receive_->read_statistics();
}

Path AfXdpReceiver::path() const {
  return filter_ == Filter::kKernel ? Path::kKernelFilter : Path::kUserspaceFilter;
}

std::string AfXdpReceiver::mode() const {
  const bool zero_copy = sockets_.front().mode() == XskMode::kZeroCopy;
  return fmt::format("{} {}", to_string(attach_mode_), zero_copy ? "zero-copy" : "copy");
}

}  // namespace penstock
