// Sends frames byte for byte out of an interface (AF_PACKET), for tests of topologies.
#pragma once

#include <cstddef>
#include <span>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "sim/topology/netns.h"

namespace penstock::testing {

class RawSender {
 public:
  static Result<RawSender> open(const NetNamespace& ns, unsigned interface_index);

  // Whole frames, from the Ethernet header on. Blocks while the socket's buffer is full.
  Status send(std::span<const std::byte> frame) const;

 private:
  explicit RawSender(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

}  // namespace penstock::testing
