// Two loops, and what they have in common.
#include "bench/paths/bare_sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>

#include "engine/base/unique_fd.h"
#include "engine/receive/udp_sockets.h"
#include "sim/replay/pin.h"

namespace penstock {
namespace {

constexpr int kSocketBuffer = 32 << 20;
constexpr std::size_t kDatagram = 2048;
constexpr Nanoseconds kLookUp = 20 * kMillisecond;  // to see whether it shall stop

// Taken until now, by the loop alone.
using Taken = std::atomic<std::uint64_t>;

void add(Taken& taken, std::uint64_t count) {
  taken.store(taken.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

Result<UniqueFd> open_socket(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail("open a UDP socket", errno);
  const timeval look_up{0, kLookUp / kMicrosecond};
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kSocketBuffer, sizeof(kSocketBuffer)) != 0 ||
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &look_up, sizeof(look_up)) != 0)
    return fail("set up a UDP socket", errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return fail("bind a UDP socket to port " + std::to_string(port), errno);
  return fd;
}

// A loop says that it is ready by `begin`, then goes on until it is told to stop.
using Begin = std::function<void(Status)>;

void loop_by_recvmmsg(int fd, bool spins, const std::stop_token& stop, const Begin& begin, Taken& taken) {
  constexpr std::size_t kBatch = 64;
  std::vector<std::byte> memory(kBatch * kDatagram);
  std::array<iovec, kBatch> vectors{};
  std::array<mmsghdr, kBatch> messages{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    vectors[i] = {.iov_base = &memory[i * kDatagram], .iov_len = kDatagram};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  begin({});
  const int flags = spins ? MSG_DONTWAIT : MSG_WAITFORONE;
  while (!stop.stop_requested()) {
    const int count = ::recvmmsg(fd, messages.data(), kBatch, flags, nullptr);
    if (count > 0) add(taken, static_cast<std::uint64_t>(count));
  }
}

// The ring with its provided buffers.
class UringLoop {
 public:
  UringLoop() = default;
  UringLoop(const UringLoop&) = delete;
  UringLoop& operator=(const UringLoop&) = delete;
  ~UringLoop() {
    if (open_) io_uring_queue_exit(&ring_);  // before the buffers go
  }

  Status open(int fd) {
    fd_ = fd;
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG |
                   IORING_SETUP_CQSIZE;
    params.cq_entries = 2 * kBuffers;
    if (const int code = -io_uring_queue_init_params(8, &ring_, &params); code != 0)
      return fail("open io_uring", code, "Linux 6.1 has what this peer wants");
    open_ = true;
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffers());
    registration.ring_entries = kBuffers;
    if (const int code = -io_uring_register_buf_ring(&ring_, &registration, 0); code != 0)
      return fail("register a ring of buffers", code);
    for (unsigned buffer = 0; buffer < kBuffers; ++buffer)
      give(buffer, buffer);
    io_uring_buf_ring_advance(buffers(), kBuffers);
    return {};
  }

  // Asks again where the last answer was that there will be no more.
  void ask() {
    if (asked_) return;
    asked_ = true;
    io_uring_sqe* request = io_uring_get_sqe(&ring_);
    io_uring_prep_recv_multishot(request, fd_, nullptr, 0, 0);
    request->flags |= IOSQE_BUFFER_SELECT;
    io_uring_submit(&ring_);
  }

  void look() {
    if ((IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_TASKRUN) != 0) io_uring_get_events(&ring_);
  }

  void wait() {
    __kernel_timespec time{0, kLookUp};
    io_uring_cqe* first = nullptr;
    io_uring_wait_cqe_timeout(&ring_, &first, &time);
  }

  std::uint64_t take() {
    unsigned head = 0, seen = 0;
    int given = 0;
    io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring_, head, completion) {
      ++seen;
      if ((completion->flags & IORING_CQE_F_MORE) == 0) asked_ = false;
      if ((completion->flags & IORING_CQE_F_BUFFER) == 0) continue;
      give(completion->flags >> IORING_CQE_BUFFER_SHIFT, static_cast<unsigned>(given++));
    }
    io_uring_buf_ring_advance(buffers(), given);
    io_uring_cq_advance(&ring_, seen);
    return static_cast<std::uint64_t>(given);
  }

 private:
  static constexpr unsigned kBuffers = 4096;

  io_uring_buf_ring* buffers() { return reinterpret_cast<io_uring_buf_ring*>(entries_.get()); }
  void give(unsigned buffer, unsigned place) {
    io_uring_buf_ring_add(buffers(), &memory_[buffer * kDatagram], kDatagram,
                          static_cast<unsigned short>(buffer), kBuffers - 1, static_cast<int>(place));
  }

  struct alignas(4096) Page {
    std::array<std::byte, 4096> bytes;
  };

  std::vector<std::byte> memory_ = std::vector<std::byte>(kBuffers * kDatagram);
  std::unique_ptr<Page[]> entries_ = std::make_unique<Page[]>(kBuffers * sizeof(io_uring_buf) / sizeof(Page));
  int fd_ = -1;
  io_uring ring_{};
  bool open_ = false;
  bool asked_ = false;
};

void loop_by_io_uring(int fd, bool spins, const std::stop_token& stop, const Begin& begin, Taken& taken) {
  UringLoop ring;
  const Status opened = ring.open(fd);  // here, since one thread alone may use it
  if (opened) ring.ask();
  begin(opened);
  while (opened && !stop.stop_requested()) {
    spins ? ring.look() : ring.wait();
    add(taken, ring.take());
    ring.ask();
  }
}

class BareSocket final : public Subject {
 public:
  explicit BareSocket(UniqueFd fd) : fd_(std::move(fd)) {}

  Status start(BareLoop loop, bool spins, int cpu) {
    std::promise<Status> begun;
    std::future<Status> ready = begun.get_future();
    thread_ =
        std::jthread([this, loop, spins, cpu, begun = std::move(begun)](const std::stop_token& stop) mutable {
          PinnedThread pinned;
          if (Status s = pinned.to(static_cast<unsigned>(cpu)); !s) return begun.set_value(s);
          const Begin begin = [&](Status status) { begun.set_value(std::move(status)); };
          const auto run = loop == BareLoop::kRecvmmsg ? loop_by_recvmmsg : loop_by_io_uring;
          run(fd_.get(), spins, stop, begin, taken_);
        });
    return ready.get();
  }

  Result<Delivered> delivered() override {
    const Result<std::uint64_t> dropped = dropped_at(fd_.get());
    if (!dropped) return tl::unexpected(dropped.error());
    return Delivered{.datagrams = taken_.load(std::memory_order_relaxed), .socket_drop = *dropped};
  }

 private:
  UniqueFd fd_;
  Taken taken_{0};
  std::jthread thread_;  // last, so that it ends first
};

}  // namespace

Result<std::unique_ptr<Subject>> open_bare(const LinkedHosts::End& end, BareLoop loop, WaitStrategy wait,
                                           const SubjectConfig& config) {
  Result<UniqueFd> fd = run_in(end.ns, [&] { return open_socket(config.port); });
  if (!fd) return tl::unexpected(fd.error());
  auto subject = std::make_unique<BareSocket>(std::move(*fd));
  if (Status s = subject->start(loop, wait == WaitStrategy::kSpin, config.cpu); !s)
    return tl::unexpected(s.error());
  return subject;
}

}  // namespace penstock
