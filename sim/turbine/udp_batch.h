// UDP by batches: what a relay needs to give each shred to many at a validator's rates. One system call takes
// up to kBatch datagrams, one sends as many.
//
// Thread safety: none; one object, one thread. No allocation after open().
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <netinet/in.h>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/packet/address.h"

namespace penstock {

class UdpInput {
 public:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::size_t kMaxDatagram = 2048;  // what is longer is cut

  // Bound to `at`, with a receive buffer of 8 MiB where the caller may ask for one.
  static Result<UdpInput> open(const Endpoint& at);

  int fd() const { return fd_.get(); }
  // Takes what is there, without waiting. payload() is valid until the next call.
  Result<std::size_t> receive();
  std::span<std::byte> payload(std::size_t i) { return std::span((*buffers_)[i]).first(headers_[i].msg_len); }
  // Datagrams that found the receive buffer full since open().
  Result<std::uint64_t> dropped() const;

 private:
  using Buffers = std::array<std::array<std::byte, kMaxDatagram>, kBatch>;

  UniqueFd fd_;
  std::unique_ptr<Buffers> buffers_ = std::make_unique<Buffers>();
  std::array<iovec, kBatch> parts_{};
  std::array<mmsghdr, kBatch> headers_{};
};

class UdpOutput {
 public:
  static constexpr std::size_t kBatch = 256;

  static Result<UdpOutput> open(const Endpoint& from);

  // `payload` is borrowed until the next flush(), which this calls itself when a batch is full. Waits while
  // the kernel has no room, so that the sender's own link is never the one that loses.
  Status send(std::span<const std::byte> payload, const Endpoint& to);
  Status flush();

 private:
  UniqueFd fd_;
  std::size_t queued_ = 0;
  std::array<iovec, kBatch> parts_{};
  std::array<sockaddr_in, kBatch> to_{};
  std::array<mmsghdr, kBatch> headers_{};
};

}  // namespace penstock
