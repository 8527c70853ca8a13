// Frames into the UMEM, descriptors onto the TX ring, and frames back from the completion ring.
#include "sim/replay/xdp_tx_sender.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/wait.h"
#include "engine/xsk/ring.h"
#include "engine/xsk/socket.h"
#include "engine/xsk/umem.h"
#include "sim/replay/interface.h"
#include "sim/replay/paced_loop.h"
#include "sim/replay/stamp.h"

namespace penstock {
namespace {

constexpr std::uint32_t kTxEntries = 512;
// bind() wants a fill ring; nothing is received.
constexpr std::uint32_t kFillEntries = 64;
constexpr Nanoseconds kPause = 20 * kMicrosecond;  // where there is no room
constexpr Nanoseconds kPatience = 5 * kSecond;     // for the last frames to come back

class TxSocket final : public FrameTaker {
 public:
  static Result<TxSocket> open(int ifindex, const std::string& name, std::span<const TimedFrame> frames,
                               bool stamped) {
    Result<Umem> umem = Umem::create(kTxEntries);
    if (!umem) return tl::unexpected(umem.error());
    Result<XskSocket> socket = XskSocket::open({.interface_index = static_cast<unsigned>(ifindex),
                                                .interface = name,
                                                .rx_entries = 0,
                                                .fill_entries = kFillEntries,
                                                .tx_entries = kTxEntries},
                                               *umem, {});
    if (!socket) return tl::unexpected(socket.error());
    return TxSocket(std::move(*umem), std::move(*socket), name, frames, stamped);
  }

  Result<std::size_t> take(std::size_t first, std::size_t count) override {
    if (free_.size() < count) reclaim();
    count = std::min(count, free_.size());
    if (count == 0) {
      if (Status woken = wake(first); !woken) return tl::unexpected(woken.error());
      sleep_for(kPause);
      return 0;
    }
    const FrameMemory& memory = umem_.memory();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t frame = free_.back();
      free_.pop_back();
      const std::span<const std::byte> bytes = frames_[first + i].bytes;
      std::byte* const chunk = memory.base + memory.address_of(frame);
      std::copy(bytes.begin(), bytes.end(), chunk);
      if (stamped_ && bytes.size() >= kShortestStamped) write_stamp({chunk, bytes.size()}, clock_.now());
      tx_.push({memory.address_of(frame), static_cast<std::uint32_t>(bytes.size()), 0});
    }
    tx_.submit();
    // The kernel sends some tens a call; what it leaves on the ring goes with the next.
    while (tx_.room(kTxEntries) < kTxEntries) {
      if (Status woken = wake(first); !woken) return tl::unexpected(woken.error());
    }
    return count;
  }

  // Until the kernel has given every frame back.
  Status finish() {
    const MonotonicClock clock;
    const Nanoseconds deadline = clock.now() + kPatience;
    for (reclaim(); free_.size() < kTxEntries; reclaim()) {
      if (clock.now() >= deadline) {
        return fail(
            fmt::format("wait for {} sent frames to come back from {}", kTxEntries - free_.size(), name_),
            ETIMEDOUT, "look for a receiver that holds on to its packets");
      }
      sleep_for(kPause);
    }
    return {};
  }

 private:
  TxSocket(Umem umem, XskSocket socket, std::string name, std::span<const TimedFrame> frames, bool stamped)
      : umem_(std::move(umem)),
        socket_(std::move(socket)),
        tx_(socket_.tx_memory()),
        completion_(socket_.completion_memory()),
        name_(std::move(name)),
        frames_(frames),
        stamped_(stamped),
        free_(kTxEntries) {
    std::iota(free_.begin(), free_.end(), 0U);
  }

  void reclaim() {
    const std::uint32_t count = completion_.available(kTxEntries);
    for (std::uint32_t i = 0; i < count; ++i)
      free_.push_back(umem_.memory().frame_at(completion_.peek(i)));
    completion_.pop(count);
    completion_.release();
  }

  // Lets the kernel look at the TX ring. EAGAIN, EBUSY and ENOBUFS: it has more to do, or the device is full.
  Status wake(std::size_t frame) {
    if (::sendto(socket_.fd(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) >= 0) return {};
    const int error = errno;
    if (error == EAGAIN || error == EBUSY || error == ENOBUFS || error == EINTR) return {};
    return fail(fmt::format("send frame {} through {}", frame, name_), error);
  }

  Umem umem_;
  XskSocket socket_;
  TxRing tx_;
  CompletionRing completion_;
  std::string name_;
  std::span<const TimedFrame> frames_;
  bool stamped_;
  MonotonicClock clock_;
  std::vector<std::uint32_t> free_;  // frames of the UMEM that are ours
};

}  // namespace

Result<ReplayReport> replay_xdp_tx(const ReplayConfig& config, const Workload& workload) {
  const Result<SendInterface> interface = look_at_interface(config.ifindex);
  if (!interface) return tl::unexpected(interface.error());
  if (Status fits = check_frames_fit(workload, *interface, kDefaultFrameBytes); !fits)
    return tl::unexpected(fits.error());
  Result<TxSocket> socket =
      TxSocket::open(config.ifindex, interface->name, workload.frames(), config.stamped);
  if (!socket) return fail("send through AF_XDP", socket.error());
  Result<ReplayReport> report = send_paced(config, workload, interface->name, *socket);
  if (!report) return report;
  if (Status back = socket->finish(); !back) return tl::unexpected(back.error());
  return report;
}

}  // namespace penstock
