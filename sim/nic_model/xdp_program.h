// The receiver's XDP program (bpf/receiver.bpf.c) on the simulated NIC: the same headers, classify.h and
// take_all.h, compiled as C++. One frame raises one counter, as in the kernel.
//
// What stands for the maps is here: policy and ports (a Classifier), the XSKMAP, the counts, the memory of
// the dead-man's switch. The policy changes between two frames, never inside one.
//
// This is no second opinion about which frame is ours: it is the engine's own classifier again
// (docs/architecture.md, laws).
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bpf/take_all.h"
#include "engine/base/clock.h"
#include "engine/classify/classifier.h"
#include "engine/metrics/counters.h"
#include "engine/xdp/engine_clock.h"

namespace penstock {

class ModelProgram {
 public:
  // Of the XSKMAP, whatever queues the device has (bpf/receiver.bpf.c).
  static constexpr std::uint32_t kSlots = 256;

  // Every slot is empty.
  ModelProgram(Filter filter, Classifier classifier);

  void set_policy(Classifier classifier) { classifier_ = std::move(classifier); }
  void set_scope(penstock_scope scope) { engine_.scope = scope; }
  void set_socket(std::uint32_t queue, int fd) { sockets_[queue] = fd; }
  void clear_socket(std::uint32_t queue) { sockets_[queue].reset(); }
  std::optional<int> socket(std::uint32_t queue) const { return sockets_[queue]; }

  // Attached from the start. A frame that comes while it is not is the host's, and counted by no program.
  void attach(bool attached) { attached_ = attached; }
  bool attached() const { return attached_; }
  std::uint64_t missed() const { return missed_; }

  // From the start the net tile is late and take_all passes everything; the return tile is excused.
  EngineClock net_clock() { return EngineClock(engine_.net_clock); }
  EngineClock return_clock() { return EngineClock(engine_.return_clock); }

  // XDP_REDIRECT to the socket that it returns, or XDP_PASS. Counted either way, while attached.
  std::optional<int> run(std::span<const std::byte> frame, std::uint32_t queue, Nanoseconds now);

  // Copies the counts into kXdpPass{reason} and kXdpRedirect, as ReceiverProgram::read_counts() does.
  void read_counts(Counters& counters) const;

 private:
  penstock_reason judge(std::span<const std::byte> frame, Nanoseconds now) const;

  Filter filter_;
  Classifier classifier_;
  std::vector<std::optional<int>> sockets_;
  penstock_counts counts_{};
  bool attached_ = true;
  std::uint64_t missed_ = 0;
  penstock_engine engine_{.net_clock = 0, .return_clock = PENSTOCK_NO_TILE, .scope = 0, .reserved = 0};
};

}  // namespace penstock
