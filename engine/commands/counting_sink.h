// The simplest first consumer: counts datagrams and their bytes.
//
// Thread safety: take() from one thread, counters() from any.
#pragma once

#include <span>

#include "engine/metrics/counters.h"
#include "engine/tiles/net_thread.h"

namespace penstock {

class CountingSink final : public Sink {
 public:
  void take(const Receiver& /*receiver*/, std::span<const Frag> frags) override {
    std::uint64_t bytes = 0;
    for (const Frag& frag : frags)
      bytes += frag.length;
    counters_.add(Counter::kSinkConsumed, frags.size());
    counters_.add(Counter::kSinkBytes, bytes);
  }

  const Counters& counters() const { return counters_; }

 private:
  Counters counters_;
};

}  // namespace penstock
