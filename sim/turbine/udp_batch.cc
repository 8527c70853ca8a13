// recvmmsg() and sendmmsg().
#include "sim/turbine/udp_batch.h"

#include <errno.h>
#include <linux/sock_diag.h>

namespace penstock {
namespace {

constexpr int kReceiveBuffer = 8 << 20;

sockaddr_in address_of(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = endpoint.address.network();
  return address;
}

Result<UniqueFd> bound_socket(const Endpoint& at) {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail("open a UDP socket", errno);
  const sockaddr_in address = address_of(at);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return fail("bind UDP " + at.to_string(), errno);
  return fd;
}

}  // namespace

Result<UdpInput> UdpInput::open(const Endpoint& at) {
  Result<UniqueFd> fd = bound_socket(at);
  if (!fd) return tl::unexpected(fd.error());
  // Without CAP_NET_ADMIN as much as net.core.rmem_max allows.
  if (setsockopt(fd->get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof(kReceiveBuffer)) != 0)
    setsockopt(fd->get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer));
  UdpInput input;
  input.fd_ = std::move(*fd);
  return input;
}

Result<std::size_t> UdpInput::receive() {
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts_[i] = {(*buffers_)[i].data(), kMaxDatagram};
    headers_[i].msg_hdr = {};
    headers_[i].msg_hdr.msg_iov = &parts_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
  const int taken = recvmmsg(fd_.get(), headers_.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (taken >= 0) return static_cast<std::size_t>(taken);
  if (errno == EAGAIN || errno == EINTR) return std::size_t{0};
  return fail("receive UDP", errno);
}

Result<std::uint64_t> UdpInput::dropped() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof(memory);
  if (getsockopt(fd_.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0)
    return fail("ask a UDP socket what it dropped", errno);
  return std::uint64_t{memory[SK_MEMINFO_DROPS]};
}

Result<UdpOutput> UdpOutput::open(const Endpoint& from) {
  Result<UniqueFd> fd = bound_socket(from);
  if (!fd) return tl::unexpected(fd.error());
  UdpOutput output;
  output.fd_ = std::move(*fd);
  return output;
}

Status UdpOutput::send(std::span<const std::byte> payload, const Endpoint& to) {
  if (queued_ == kBatch) {
    if (Status sent = flush(); !sent) return sent;
  }
  // The kernel reads what an outgoing iovec names, and nothing else.
  parts_[queued_] = {const_cast<std::byte*>(payload.data()), payload.size()};
  to_[queued_] = address_of(to);
  ++queued_;
  return {};
}

Status UdpOutput::flush() {
  for (std::size_t i = 0; i < queued_; ++i) {
    headers_[i].msg_hdr = {};
    headers_[i].msg_hdr.msg_name = &to_[i];
    headers_[i].msg_hdr.msg_namelen = sizeof(to_[i]);
    headers_[i].msg_hdr.msg_iov = &parts_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
  std::size_t sent = 0;
  while (sent < queued_) {
    const int now = sendmmsg(fd_.get(), headers_.data() + sent, static_cast<unsigned>(queued_ - sent), 0);
    if (now >= 0) {
      sent += static_cast<std::size_t>(now);
    } else if (errno != EINTR) {
      return fail("send UDP", errno);
    }
  }
  queued_ = 0;
  return {};
}

}  // namespace penstock
