// The model must be the kernel: for every modelled fact one script that runs on the model and on veth, with
// equal observations.
//
// A script plays the engine's side of one AF_XDP socket by hand: it writes the fill ring, lets frames arrive
// one by one, reads the RX ring, and notes what anybody on that side could see, beside what it must be:
// descriptors, the kernel's indices and flags, XDP_STATISTICS, what passed to the host, errnos. It cannot
// tell which stage it is on. kernel_facts_test.cc runs them on the model, kernel_facts_netns_test.cc on
// Linux: neither can move without a test that fails.
//
// Facts of Linux in copy mode, from net/xdp/xsk.c, net/xdp/xsk_buff_pool.c and net/ethtool/channels.c
// of 6.18.
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

// Of an interface, and which of its queues the stage's socket has.
struct StageShape {
  std::uint32_t queues = 1;
  std::uint32_t socket = 0;
};

// One socket on a queue of an interface whose program redirects every frame to the socket of its queue, with
// empty rings, and a wire in front of it. A frame whose queue has no socket, or none in its slot of the
// XSKMAP, passes to the host.
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
  // The same of a short UDP datagram; the flow decides on the queue.
  virtual void arrive_of(std::uint16_t flow) = 0;
  // A frame is sent towards an interface that is down.
  virtual void send_in_vain() = 0;
  virtual xdp_statistics statistics() = 0;
  virtual std::uint64_t passed() = 0;  // frames, to the host
  virtual int wake() = 0;              // recvfrom(MSG_DONTWAIT): 0 or an errno
  virtual int poll_now() = 0;          // poll(2) without waiting: whether there is a descriptor, or -errno

  virtual void set_link(bool up) = 0;
  // `ethtool -L`: 0 or an errno.
  virtual int set_queues(std::uint32_t count) = 0;
  // Another socket on the queue of the first, with memory of its own: 0 or an errno.
  virtual int bind_another() = 0;
  // In its queue's slot of the XSKMAP, as at the start, or not.
  virtual void name_socket(bool named) = 0;

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
  StageShape shape{};
};

std::span<const KernelFact> kernel_facts();

// The datagram of a flow: 100 bytes from Ethernet's header on.
std::vector<std::byte> frame_of_flow(std::uint16_t flow);

// What was not as expected, a line each; empty when all was.
std::string wrong_in(std::span<const Observation> observations);

}  // namespace penstock
