// Failed XDP redirects into one XSKMAP, counted by errno: the named counters behind `redirect_failed`.
//
// What the errnos mean for an AF_XDP socket (net/xdp/xsk.c, each measured in redirect_errors_test on
// Linux 6.18):
//   ENXIO    the socket in the slot is not bound          only counted here
//   EINVAL   the socket is bound to another queue or device   only counted here
//   ENOSPC   the frame is longer than a UMEM chunk holds  also XDP_STATISTICS rx_dropped
//   ENOMEM   the fill ring is empty                       also rx_dropped and rx_fill_ring_empty_descs
//   ENOBUFS  the RX ring is full                          also rx_ring_full
// An empty slot is no error: the program's fallback action applies.
//
// The program sees the redirects of the whole machine while attached and counts those of one map. It is
// attached by a bpf_link and gone with this object or the process. Needs CAP_BPF and CAP_PERFMON.
// Thread safety: one object, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "engine/base/result.h"

namespace penstock {

// errno (positive) -> frames. Only those that occurred; 0 stands for any errno above 255.
using RedirectErrorCounts = std::map<int, std::uint64_t>;

class RedirectErrors {
 public:
  // `map_id`: the kernel's id of the XSKMAP (ReceiverProgram::socket_map_id()).
  static Result<RedirectErrors> attach(std::uint32_t map_id);

  RedirectErrors(RedirectErrors&&) noexcept;
  RedirectErrors& operator=(RedirectErrors&&) noexcept;
  ~RedirectErrors();

  // Since attach(), summed over CPUs.
  Result<RedirectErrorCounts> read() const;

 private:
  struct Loaded;

  explicit RedirectErrors(std::unique_ptr<Loaded> loaded);

  std::unique_ptr<Loaded> loaded_;
};

}  // namespace penstock
