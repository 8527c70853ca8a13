// Where frames for the host's own stack go: the seam behind the return tile, so that it runs without
// privilege. TapDevice is the real one.
//
// Thread safety: one thread writes.
#pragma once

#include <cstddef>
#include <span>

namespace penstock {

class HostPort {
 public:
  virtual ~HostPort() = default;

  // Gives one whole Ethernet frame, without FCS, to the host. Returns 0 or an errno.
  virtual int write(std::span<const std::byte> frame) = 0;

  // Whether it is there and up, asked after a refusal: one that is not refuses every frame.
  virtual bool usable() = 0;
};

}  // namespace penstock
