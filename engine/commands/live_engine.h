// What a running engine takes from a new file while it runs.
//
// Thread safety: as the engine; the supervising thread's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/result.h"
#include "engine/config/capture_spec.h"
#include "engine/config/shreds_spec.h"
#include "engine/packet/address.h"

namespace penstock {

// Each call: errors leave what was; ENOTSUP says that the engine as it was started cannot, and that the next
// one will.
class LiveEngine {
 public:
  virtual ~LiveEngine() = default;

  // `repair_ports` are among them. No datagram of a port that stays is lost.
  virtual Status take_ports(std::span<const std::uint16_t> ports,
                            std::span<const std::uint16_t> repair_ports) = 0;
  // Reads leader_file anew, whether its name is another or not. Whether the leaders differ.
  virtual Result<bool> take_leaders(const ShredsSpec& spec) = 0;
  virtual Status take_forward(const std::optional<Endpoint>& to) = 0;
  virtual Status take_capture_limits(const CaptureSpec& capture) = 0;
};

}  // namespace penstock
