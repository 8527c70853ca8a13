// Setting up an AF_XDP socket, step by step.
#include "engine/xsk/socket.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/wait.h"

namespace penstock {
namespace {

// The kernel frees a closed socket's queue from a work queue; measured gone within 34 ms on veth.
constexpr Nanoseconds kBindPatience = kSecond;
constexpr Nanoseconds kBindPause = 2 * kMillisecond;

// Completion entries are never used by a receiver, but bind() wants the ring.
constexpr std::uint32_t kUnusedCompletionEntries = 64;

Status set_option(int fd, int option, const void* value, socklen_t bytes, const char* what) {
  if (setsockopt(fd, SOL_XDP, option, value, bytes) == 0) return {};
  return fail(
      what, errno,
      errno == ENOBUFS ? "raise RLIMIT_MEMLOCK (systemd: LimitMEMLOCK=infinity) or grant CAP_IPC_LOCK" : "");
}

std::string where(const XskConfig& config) {
  return fmt::format("queue {} of {}", config.queue, config.interface);
}

const char* bind_advice(int code, XskMode mode) {
  switch (code) {
    case EBUSY:
      return "another AF_XDP socket holds the queue: stop it, or choose another queue";
    case EOPNOTSUPP:
      return mode == XskMode::kZeroCopy ? "the driver has no zero-copy: use copy mode" : "";
    case EINVAL:
      return "the interface has no such queue (ethtool -l), or its MTU does not fit the frame size";
    case ENETDOWN:
      return "bring the interface up";
    default:
      return "";
  }
}

}  // namespace

XskSocket::Mapping::Mapping(Mapping&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

XskSocket::Mapping& XskSocket::Mapping::operator=(Mapping&& other) noexcept {
  std::swap(start_, other.start_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

XskSocket::Mapping::~Mapping() {
  if (start_ != nullptr) munmap(start_, bytes_);
}

Result<XskSocket> XskSocket::open(const XskConfig& config, const Umem& umem,
                                  std::span<const std::uint32_t> initial_fill) {
  PENSTOCK_CHECK(initial_fill.size() <= config.fill_entries);
  Result<UniqueFd> fd = config.privileges->xsk_socket(config.busy_poll);
  if (!fd) return fail(where(config), fd.error());
  XskSocket xsk;
  xsk.fd_ = std::move(*fd);
  xsk.queue_ = config.queue;

  if (Status s = xsk.register_umem(umem.memory()); !s) return fail(where(config), s.error());
  if (Status s = xsk.set_ring_sizes(config); !s) return fail(where(config), s.error());
  if (Status s = xsk.map_rings(config); !s) return fail(where(config), s.error());

  // Before bind: some drivers leak or stall on a fill ring that is empty then (agave #6836).
  FillRing fill(xsk.fill_);
  for (const std::uint32_t frame : initial_fill)
    fill.push(umem.memory().address_of(frame));
  fill.submit();

  if (Status s = xsk.bind(config); !s) return fail(where(config), s.error());
  if (Status s = xsk.read_mode(); !s) return fail(where(config), s.error());
  return xsk;
}

Status XskSocket::register_umem(const FrameMemory& memory) {
  // The uapi struct has grown; older kernels take the long form as long as its tail is zero.
  xdp_umem_reg registration{};
  registration.addr = reinterpret_cast<std::uintptr_t>(memory.base);
  registration.len = memory.bytes();
  registration.chunk_size = memory.frame_bytes;
  return set_option(fd(), XDP_UMEM_REG, &registration, sizeof(registration), "register the UMEM");
}

Status XskSocket::set_ring_sizes(const XskConfig& config) {
  const std::pair<int, std::uint32_t> rings[] = {
      {XDP_UMEM_FILL_RING, config.fill_entries},
      {XDP_UMEM_COMPLETION_RING, config.tx_entries != 0 ? config.tx_entries : kUnusedCompletionEntries},
      {XDP_RX_RING, config.rx_entries},
      {XDP_TX_RING, config.tx_entries}};
  for (const auto& [option, entries] : rings) {
    if (entries == 0) continue;
    if (Status s = set_option(fd(), option, &entries, sizeof(entries), "set a ring size"); !s) return s;
  }
  return {};
}

Status XskSocket::map_rings(const XskConfig& config) {
  xdp_mmap_offsets offsets{};
  socklen_t length = sizeof(offsets);
  if (getsockopt(fd(), SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length) < 0)
    return fail("read ring offsets", errno);
  if (length != sizeof(offsets))
    return fail("read ring offsets: the kernel predates ring flags", 0, "use Linux 5.4 or newer");

  const auto map = [&](auto& ring, const xdp_ring_offset& offset, std::uint32_t entries,
                       std::uint64_t page) -> Status {
    using Entry = std::remove_pointer_t<decltype(ring.entries)>;
    const std::size_t bytes = offset.desc + entries * sizeof(Entry);
    void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd(),
                       static_cast<off_t>(page));
    if (start == MAP_FAILED) return fail("map a ring", errno);
    mappings_.emplace_back(start, bytes);
    auto* base = static_cast<std::byte*>(start);
    ring = {reinterpret_cast<std::uint32_t*>(base + offset.producer),
            reinterpret_cast<std::uint32_t*>(base + offset.consumer),
            reinterpret_cast<std::uint32_t*>(base + offset.flags),
            reinterpret_cast<Entry*>(base + offset.desc), entries};
    return {};
  };
  if (Status s = map(fill_, offsets.fr, config.fill_entries, XDP_UMEM_PGOFF_FILL_RING); !s) return s;
  if (config.tx_entries != 0) {
    if (Status s = map(tx_, offsets.tx, config.tx_entries, XDP_PGOFF_TX_RING); !s) return s;
    if (Status s = map(completion_, offsets.cr, config.tx_entries, XDP_UMEM_PGOFF_COMPLETION_RING); !s)
      return s;
  }
  return config.rx_entries == 0 ? Status{} : map(rx_, offsets.rx, config.rx_entries, XDP_PGOFF_RX_RING);
}

Status XskSocket::bind(const XskConfig& config) {
  sockaddr_xdp address{};
  address.sxdp_family = AF_XDP;
  address.sxdp_ifindex = config.interface_index;
  address.sxdp_queue_id = config.queue;
  address.sxdp_flags =
      static_cast<__u16>((config.mode == XskMode::kZeroCopy ? XDP_ZEROCOPY : XDP_COPY) | XDP_USE_NEED_WAKEUP);

  int code = 0;
  const auto not_busy = [&] {
    code = ::bind(fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0 ? errno : 0;
    return code != EBUSY;
  };
  if (!wait_until(not_busy, kBindPatience, kBindPause) || code != 0)
    return fail("bind", code, bind_advice(code, config.mode));
  return {};
}

Status XskSocket::read_mode() {
  xdp_options options{};
  socklen_t length = sizeof(options);
  if (getsockopt(fd(), SOL_XDP, XDP_OPTIONS, &options, &length) < 0) return fail("read XDP_OPTIONS", errno);
  mode_ = (options.flags & XDP_OPTIONS_ZEROCOPY) != 0 ? XskMode::kZeroCopy : XskMode::kCopy;
  return {};
}

}  // namespace penstock
