// The AF_PACKET sender.
#include "sim/replay/sender.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include <fmt/format.h>

#include "engine/base/unique_fd.h"
#include "sim/replay/flow_split.h"
#include "sim/replay/interface.h"
#include "sim/replay/paced_loop.h"
#include "sim/replay/stamp.h"
#include "sim/topology/generator_mark.h"

namespace penstock {
namespace {

constexpr int kPollMilliseconds = 10;

class PacketSocket final : public FrameTaker {
 public:
  PacketSocket(std::span<const TimedFrame> frames, const ReplayConfig& config)
      : frames_(frames), stamped_(config.stamped) {
    second_.sll_family = AF_PACKET;
    second_.sll_ifindex = config.second_ifindex;
    for (std::size_t i = 0; i < kMaxSendBurst; ++i) {
      messages_[i].msg_hdr.msg_iov = &vectors_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  Status open(int ifindex, const std::string& name) {
    name_ = name;
    // Protocol 0: this socket receives nothing.
    fd_ = UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (!fd_) return fail("open an AF_PACKET socket", errno, "run as root, or with CAP_NET_RAW");
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = ifindex;
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      return fail("bind an AF_PACKET socket to " + name_, errno);
    }
    if (::setsockopt(fd_.get(), SOL_SOCKET, SO_MARK, &kGeneratorMark, sizeof(kGeneratorMark)) != 0) {
      return fail("mark the frames of an AF_PACKET socket", errno, "run as root, or with CAP_NET_ADMIN");
    }
    return {};
  }

  Result<std::size_t> take(std::size_t first, std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const std::byte> bytes = frames_[first + i].bytes;
      // sendmmsg() reads only; iovec has no const form.
      vectors_[i] = {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
    }
    if (second_.sll_ifindex != 0) choose_interfaces(first, count);
    if (stamped_) stamp(frames_[first].bytes);
    const int taken = ::sendmmsg(fd_.get(), messages_.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (taken > 0) return static_cast<std::size_t>(taken);
    const int error = errno;
    if (error == EINTR) return 0;
    if (error != EAGAIN && error != ENOBUFS)
      return fail(fmt::format("send frame {} through {}", first, name_), error);
    pollfd writable{.fd = fd_.get(), .events = POLLOUT, .revents = 0};
    ::poll(&writable, 1, kPollMilliseconds);
    return 0;
  }

 private:
  void choose_interfaces(std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const bool second = takes_second(frames_[first + i].bytes);
      messages_[i].msg_hdr.msg_name = second ? &second_ : nullptr;
      messages_[i].msg_hdr.msg_namelen = second ? sizeof(second_) : 0;
    }
  }

  // The first frame's end comes from elsewhere; the loop offers no second one with it.
  void stamp(std::span<const std::byte> frame) {
    mmsghdr& message = messages_.front();
    message.msg_hdr.msg_iovlen = 1;
    if (frame.size() < kShortestStamped) return;
    vectors_[0].iov_len -= kStampBytes;
    vectors_[1] = {.iov_base = &now_, .iov_len = kStampBytes};
    message.msg_hdr.msg_iovlen = 2;
    now_ = clock_.now();
  }

  std::span<const TimedFrame> frames_;
  bool stamped_;
  sockaddr_ll second_{};  // interface; 0: there is none
  MonotonicClock clock_;
  Nanoseconds now_ = 0;
  UniqueFd fd_;
  std::string name_;
  std::array<iovec, kMaxSendBurst> vectors_{};
  std::array<mmsghdr, kMaxSendBurst> messages_{};
};

}  // namespace

Result<ReplayReport> replay_packets(const ReplayConfig& config, const Workload& workload) {
  const Result<SendInterface> interface = look_at_interface(config.ifindex);
  if (!interface) return tl::unexpected(interface.error());
  if (Status fits = check_frames_fit(workload, *interface, interface->longest); !fits)
    return tl::unexpected(fits.error());
  PacketSocket socket(workload.frames(), config);
  if (Status opened = socket.open(config.ifindex, interface->name); !opened)
    return tl::unexpected(opened.error());
  return send_paced(config, workload, interface->name, socket);
}

}  // namespace penstock
