// What `penstock monitor` shows: a pure function of two samples of a running engine and the time between
// them. How it looks: view_text.h.
//
// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/monitor/sample.h"
#include "engine/monitor/why.h"

namespace penstock {

struct Rate {
  std::string name;
  std::uint64_t per_second = 0;
  std::uint64_t total = 0;  // since the engine was started
};

struct PortView {
  std::uint16_t port = 0;
  Rate fast;                          // by the way in that is in use
  Rate slow;                          // by the companion socket
  std::uint64_t bits_per_second = 0;  // of payload, by the fast way
};

struct ShredView {
  std::string stage;  // "cheap", "full"
  Rate consumed;
  std::vector<Rate> fates;  // accepted, duplicate, late, then each reason for which some were discarded
  std::vector<Rate> sets;   // opened, finished, failed, dropped
};

struct ThreadView {
  std::string name;
  std::uint64_t percent = 0;  // of a CPU
};

// How long frags took to a consumer on a thread of its own, of those that were sampled between the two
// samples. Each is the upper bound of a bucket, a factor of two wide; kLongerHop where it has none.
struct HopView {
  static constexpr Nanoseconds kLongerHop = -1;

  std::string consumer;       // "shred", "sink", "outlet"
  std::uint64_t samples = 0;  // 0: the rest means nothing
  Nanoseconds p50 = 0;
  Nanoseconds p99 = 0;
  Nanoseconds max = 0;
};

struct QueueView {
  QueueLoad load;
  Rate frames;  // taken off its RX ring; named by the queue, and the interface where there are several
};

struct MonitorView {
  EngineFacts facts;
  std::string interface;
  std::string companion;
  std::optional<Rate> device;  // frames that reached the interface
  std::vector<PortView> ports;
  std::vector<Rate> passed;  // to the host, by the classifier's reason; those that there are, most first
  std::vector<Rate> lost;    // by cause, likewise
  std::optional<ShredView> shreds;
  std::vector<Rate> outlet;         // to other processes of this host; empty when nothing ever went there
  std::vector<HopView> hops;        // to those consumers that there are
  std::vector<QueueView> queues;    // with an AF_XDP socket
  std::vector<ThreadView> threads;  // by name
  std::optional<Answer> why;        // what is wrong, if something is
  bool restarted = false;           // between the samples: rates are then 0
};

// REQUIRES: between > 0.
MonitorView make_view(const EngineSample& before, const EngineSample& now, Nanoseconds between);

// Of all ports, by either way.
std::uint64_t datagrams_per_second(const MonitorView& view);
std::uint64_t total_of(const std::vector<Rate>& rates);

}  // namespace penstock
