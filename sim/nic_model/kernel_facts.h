// The model must be the kernel: for every modelled fact one script that runs on the model and on veth, with
// equal observations.
//
// A script plays the engine's side of one AF_XDP socket by hand: it writes the fill ring, lets frames arrive
// one by one, reads the RX ring, and notes what anybody on that side could see, beside what it must be:
// descriptors, the kernel's indices and flags, XDP_STATISTICS. It cannot tell which stage it is on.
// kernel_facts_test.cc runs them on the model, kernel_facts_netns_test.cc on Linux: neither can move without
// a test that fails.
//
// Facts of Linux in copy mode, from net/xdp/xsk.c and net/xdp/xsk_buff_pool.c of 6.18.
//
// Thread safety: none.
#pragma once

#include <linux/if_xdp.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/xsk/ring.h"
#include "engine/xsk/umem.h"

namespace penstock {

inline constexpr std::uint32_t kStageRxEntries = 4;
inline constexpr std::uint32_t kStageFillEntries = 64;
inline constexpr std::uint32_t kStageFrames = 16;

// One socket on queue 0 of an interface whose program redirects every frame to it, with empty rings, and a
// wire in front of it.
class KernelStage {
 public:
  struct Rings {
    RingMemory<std::uint64_t> fill;
    RingMemory<xdp_desc> rx;
  };

  explicit KernelStage(const Rings& rings) : rings_(rings), fill_(rings.fill), rx_(rings.rx) {}
  virtual ~KernelStage() = default;

  // One frame of so many bytes arrives, and everything that it causes has happened.
  virtual void arrive(std::size_t bytes) = 0;
  virtual xdp_statistics statistics() = 0;
  virtual int wake() = 0;  // recvfrom(MSG_DONTWAIT): 0 or an errno

  FillRing& fill() { return fill_; }
  RxRing& rx() { return rx_; }
  const Rings& rings() const { return rings_; }

 private:
  Rings rings_;
  FillRing fill_;
  RxRing rx_;
};

// One thing that a script saw.
struct Observation {
  std::string what;
  std::uint64_t seen = 0;
  std::uint64_t expected = 0;  // as Linux 6.18 does it
};

struct KernelFact {
  const char* name;
  std::vector<Observation> (*script)(KernelStage& stage);
};

std::span<const KernelFact> kernel_facts();

// What was not as expected, a line each; empty when all was.
std::string wrong_in(std::span<const Observation> observations);

}  // namespace penstock
