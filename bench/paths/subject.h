// One way to receive, as it is measured: opened on an interface, with a thread that takes what comes and
// counts it.
//
// Three kinds: the engine's four paths, bare loops over a socket (bare_sockets.h), and a program of others
// where it is installed (testpmd.h).
//
// Thread safety: one thread. Ownership: everything ends when the subject goes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/latency_histogram.h"
#include "engine/base/result.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/wait_strategy.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

// What was delivered and where the rest was lost, since the subject was opened.
struct Delivered {
  std::uint64_t datagrams = 0;
  std::uint64_t rx_ring_full = 0;  // AF_XDP: RX ring full
  std::uint64_t fill_empty = 0;    // AF_XDP: fill ring empty
  std::uint64_t socket_drop = 0;   // sockets: buffer full
  std::uint64_t overrun = 0;       // behind the net tile
  // Frames for others that the host's stack got, and that were lost on the way back to it. A way through the
  // host's own stack takes nothing from it, and counts none.
  std::uint64_t host = 0;
  std::uint64_t host_lost = 0;
  bool operator==(const Delivered&) const = default;
  Delivered since(const Delivered& before) const;
  Delivered& operator+=(const Delivered& other);
};

class Subject {
 public:
  virtual ~Subject() = default;
  // Up to date as of some milliseconds ago.
  virtual Result<Delivered> delivered() = 0;
  // Ends it. How old the datagrams were that it took, where it was asked to say so and can.
  virtual LatencyHistogram finish() { return {}; }
};

struct Way {
  Path path = Path::kKernelFilter;
  WaitStrategy wait = WaitStrategy::kSpin;
  std::string name() const { return std::string(to_string(path)) + "/" + std::string(to_string(wait)); }
};

struct SubjectConfig {
  std::uint16_t port = 8003;
  std::uint32_t rx_entries = 4096;
  std::uint32_t fill_frames = 0;    // as [receiver] has it
  std::uint32_t link_depth = 4096;  // of the engine
  bool latency = false;             // how old what it takes is; of the engine
  int cpu = 1;                      // of its thread
};

// The engine as `penstock run` has it by default but for what is given: its sink runs behind each batch.
Result<std::unique_ptr<Subject>> open_engine(const LinkedHosts::End& end, const Way& way,
                                             const SubjectConfig& config);

}  // namespace penstock
