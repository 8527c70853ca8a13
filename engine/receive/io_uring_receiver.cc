// Multishot recvmsg over provided buffers.
#include "engine/receive/io_uring_receiver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr int kBufferGroup = 0;
constexpr std::uint32_t kControl = CMSG_SPACE(sizeof(in_pktinfo));
// What stands in front of the payload.
constexpr std::uint32_t kPreamble = sizeof(io_uring_recvmsg_out) + sizeof(sockaddr_in) + kControl;
static_assert(kPreamble <= kXdpHeadroom);
constexpr std::uint32_t kBufferOffset = kXdpHeadroom - kPreamble;

std::string advice(int code) {
  switch (code) {
    case ENOSYS:
      return "the kernel has no io_uring: use the udp path";
    case EPERM:
      return "`sysctl kernel.io_uring_disabled=0`, or let the sandbox allow io_uring_setup; else use the udp "
             "path";
    case EINVAL:
      return "io_uring of Linux 6.1 or newer is needed: use the udp path";
    default:
      return {};
  }
}

}  // namespace

Result<std::unique_ptr<IoUringReceiver>> IoUringReceiver::open(const SocketReceiverConfig& config) {
  PENSTOCK_CHECK(std::has_single_bit(config.frames) && config.frames <= 32'768);
  PENSTOCK_CHECK(config.max_payload <= usable_frame_bytes(config.frame_bytes));
  if (const Result<PortList> ports = PortList::create(config.ports); !ports)
    return tl::unexpected(ports.error());

  std::unique_ptr<IoUringReceiver> receiver(new IoUringReceiver);
  receiver->max_payload_ = config.max_payload;
  receiver->message_.msg_namelen = sizeof(sockaddr_in);
  receiver->message_.msg_controllen = kControl;
  receiver->buffer_bytes_ = config.buffer_bytes;
  receiver->privileges_ = config.privileges;
  Result<std::vector<PortHold>> holds = receiver->hold_ports(config.ports);
  if (!holds) return tl::unexpected(holds.error());
  if (Status s = receiver->take_ports(config.ports, std::move(*holds)); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_memory(config); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_ring(config.frames); !s) return tl::unexpected(s.error());
  return receiver;
}

Status IoUringReceiver::open_memory(const SocketReceiverConfig& config) {
  Result<Umem> umem = Umem::create(config.frames + config.consumer_frames, config.frame_bytes);
  if (!umem) return tl::unexpected(umem.error());
  umem_ = std::make_unique<Umem>(std::move(*umem));
  memory_ = umem_->memory();
  frames_ = first_consumer_frame_ = config.frames;
  frame_of_.resize(frames_);
  numbers_.resize(frames_);
  std::iota(numbers_.begin(), numbers_.end(), std::uint16_t{0});
  buffers_bytes_ = frames_ * sizeof(io_uring_buf);
  void* area = mmap(nullptr, buffers_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) return fail("map the buffer ring", errno);
  buffers_ = static_cast<io_uring_buf_ring*>(area);
  return {};
}

Status IoUringReceiver::open_ring(std::uint32_t frames) {
  io_uring_params params{};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG |
                 IORING_SETUP_CQSIZE | IORING_SETUP_R_DISABLED;
  params.cq_entries = 2 * frames;
  // A request of each port and its cancelling.
  if (const int code = -io_uring_queue_init_params(2 * kMaxPorts, &ring_, &params); code != 0)
    return fail("open io_uring", code, advice(code));
  ring_open_ = true;
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffers_);
  registration.ring_entries = frames;
  registration.bgid = kBufferGroup;
  if (const int code = -io_uring_register_buf_ring(&ring_, &registration, 0); code != 0)
    return fail("register the ring of provided buffers", code, advice(code));
  for (std::uint32_t frame = 0; frame < frames; ++frame)
    add_buffer(frame);
  show_buffers();
  return {};
}

IoUringReceiver::~IoUringReceiver() {
  stop();
  // The kernel may write into buffers until the ring is gone.
  if (ring_open_) io_uring_queue_exit(&ring_);
  if (buffers_ != nullptr) munmap(buffers_, buffers_bytes_);
}

void IoUringReceiver::stop() {
  if (ring_open_) {
    io_uring_sync_cancel_reg everything{};
    everything.flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL;
    everything.timeout = {-1, -1};
    // From another thread the kernel refuses both.
    io_uring_register_sync_cancel(&ring_, &everything);
    io_uring_get_events(&ring_);
  }
  for (Port& port : ports_) {
    if (!port.fd) continue;
    drops_of_closed_ += dropped_at(port.fd.get()).value_or(0);
    port.fd = UniqueFd();
  }
}

void IoUringReceiver::add_buffer(std::uint32_t frame) {
  PENSTOCK_CHECK(!numbers_.empty());  // else a frame was given back twice
  const std::uint16_t number = numbers_.back();
  numbers_.pop_back();
  frame_of_[number] = frame;
  io_uring_buf_ring_add(buffers_, buffer_of(frame), kPreamble + max_payload_, number,
                        static_cast<int>(frames_ - 1), added_);
  ++added_;
}

std::byte* IoUringReceiver::buffer_of(std::uint32_t frame) const {
  return memory_.base + memory_.address_of(frame) + kBufferOffset;
}

void IoUringReceiver::enable() {
  if (enabled_) return;
  enabled_ = true;
  // liburing 2.3 declares io_uring_enable_rings() and does not export it.
  if (syscall(SYS_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) < 0)
    broken_ = fail("start io_uring", errno);
}

void IoUringReceiver::show_buffers() {
  with_kernel_ += added_;
  io_uring_buf_ring_advance(buffers_, std::exchange(added_, 0));
}

void IoUringReceiver::ask() {
  let_go();
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i].asked || !ports_[i].fd || with_kernel_ == 0) continue;
    io_uring_sqe* const request = next_request();
    // With MSG_TRUNC the length that is told is the datagram's own.
    io_uring_prep_recvmsg_multishot(request, ports_[i].fd.get(), &message_, MSG_TRUNC);
    request->flags |= IOSQE_BUFFER_SELECT;
    request->buf_group = kBufferGroup;
    request->user_data = i;
    ports_[i].asked = true;
  }
  if (io_uring_sq_ready(&ring_) == 0) return;
  counters_.add(Counter::kRxWakeups);
  if (const int code = io_uring_submit(&ring_); code < 0 && broken_)
    broken_ = fail("ask io_uring for datagrams", -code);
}

io_uring_sqe* IoUringReceiver::next_request() {
  io_uring_sqe* const request = io_uring_get_sqe(&ring_);
  PENSTOCK_CHECK(request != nullptr);  // two entries a port
  return request;
}

std::span<const Frag> IoUringReceiver::poll() {
  enable();
  ask();
  std::size_t taken = take_completions();
  if (taken == 0 && (IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_TASKRUN) != 0) {
    counters_.add(Counter::kRxWakeups);
    io_uring_get_events(&ring_);
    taken = take_completions();
  }
  return {frags_.data(), taken};
}

std::size_t IoUringReceiver::take_completions() {
  std::size_t taken = 0;
  unsigned head = 0, seen = 0;
  io_uring_cqe* completion = nullptr;
  io_uring_for_each_cqe(&ring_, head, completion) {
    if (taken == frags_.size()) break;
    ++seen;
    if (take(*completion, frags_[taken])) ++taken;
  }
  io_uring_cq_advance(&ring_, seen);
  if (added_ != 0) show_buffers();
  return taken;
}

bool IoUringReceiver::take(const io_uring_cqe& completion, Frag& frag) {
  const auto index = static_cast<std::uint8_t>(completion.user_data);
  if ((completion.user_data & kCancelling) != 0) {  // in vain, perhaps: then it is tried again
    ports_[index].cancelling = false;
    return false;
  }
  if ((completion.flags & IORING_CQE_F_MORE) == 0) ports_[index].asked = false;
  if ((completion.flags & IORING_CQE_F_BUFFER) == 0) {
    // ENOBUFS: no frame. ECANCELED: removed. Others would come again and again.
    const bool expected = completion.res == -ENOBUFS || completion.res == -ECANCELED;
    if (completion.res < 0 && !expected && broken_) broken_ = fail("receive by io_uring", -completion.res);
    return false;
  }
  const auto number = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
  const std::uint32_t frame = frame_of_[number];
  numbers_.push_back(number);
  --with_kernel_;
  io_uring_recvmsg_out* out = io_uring_recvmsg_validate(buffer_of(frame), completion.res, &message_);
  PENSTOCK_CHECK(out != nullptr);  // the kernel's own layout
  counters_.add(Counter::kSocketRx);
  if (out->payloadlen > max_payload_ || (out->flags & MSG_TRUNC) != 0) {
    counters_.add(DiscardReason::kOversize);
    add_buffer(frame);
    return false;
  }
  sockaddr_in source;
  std::memcpy(&source, io_uring_recvmsg_name(out), sizeof(source));
  frag = {.frame = frame,
          .offset = static_cast<std::uint16_t>(kXdpHeadroom),
          .length = static_cast<std::uint16_t>(out->payloadlen),
          .source = Ipv4Address::from_network(source.sin_addr.s_addr),
          .destination = pktinfo_destination(io_uring_recvmsg_cmsg_firsthdr(out, &message_)),
          .source_port = ntohs(source.sin_port),
          .destination_port = ports_[index].number,
          .port_index = index,
          .way = WayIn::kSocket};
  counters_.add(Counter::kPublished, 1, index);
  counters_.add(Counter::kPublishedBytes, frag.length, index);
  return true;
}

void IoUringReceiver::give_back(std::span<const Frag> frags) {
  for (const Frag& frag : frags) {
    PENSTOCK_CHECK(frag.frame < memory_.frames);
    add_buffer(frag.frame);
  }
  if (added_ != 0) show_buffers();
}

Status IoUringReceiver::wait(Nanoseconds timeout) {
  enable();
  if (!broken_) return broken_;
  counters_.add(Counter::kRxWaits);
  ask();
  __kernel_timespec time{timeout / kSecond, timeout % kSecond};
  io_uring_cqe* completion = nullptr;
  const int code = -io_uring_wait_cqe_timeout(&ring_, &completion, &time);
  if (code == 0 || code == ETIME || code == EINTR) return {};
  return fail("wait for datagrams by io_uring", code);
}

Status IoUringReceiver::refresh_counters() {
  const Result<std::uint64_t> dropped = dropped_at_ports(ports_);
  if (!dropped) return tl::unexpected(dropped.error());
  counters_.set(Counter::kSocketDrop, drops_of_closed_ + *dropped);
  return {};
}

}  // namespace penstock
