// Payloads to a UDP socket of this host, as if they had just come: what lets an operator try Penstock beside
// a validator that knows nothing of it.
//
// They come from a loopback address and go to one, so the XDP program of the interface never sees them.
// Nothing is waited for: what the receiver's socket has no room for, Linux drops there; what this side cannot
// send is counted.
//
// Thread safety: as PayloadSink, but for redirect().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/outlet/payload_sink.h"
#include "engine/packet/address.h"

namespace penstock {

class UdpForward final : public PayloadSink {
 public:
  // Whether somebody listens there shows when the first payload is sent. Errors: of socket, bind and connect.
  static Result<std::unique_ptr<UdpForward>> open(const Endpoint& to);

  // Elsewhere from here on; from any thread. On an error it goes on as before.
  Status redirect(const Endpoint& to);

  void datagram(const Frag& /*frag*/, std::span<const std::byte> payload) override { send(payload); }
  void shred(std::span<const std::byte> payload, bool /*rebuilt*/) override { send(payload); }
  CounterSnapshot snapshot() const override { return counters_.snapshot(); }

 private:
  explicit UdpForward(UniqueFd socket) : socket_(std::move(socket)) {}
  void send(std::span<const std::byte> payload);

  UniqueFd socket_;
  Counters counters_;
};

}  // namespace penstock
