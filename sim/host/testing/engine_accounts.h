// Law 2 for the engine as a process: its last counters, and what the device in front of it counted.
#pragma once

#include <cstdint>

#include <gtest/gtest.h>

#include "sim/host/engine_process.h"

namespace penstock::testing {

// `frames`: that the interface's XDP program was run for, since the engine that counted `c` was attached.
inline void expect_engine_accounts_closed(const EngineCounters& c, std::uint64_t frames) {
  EXPECT_EQ(frames, c.sum("xdp_pass") + c.get("xdp_redirect"));
  EXPECT_EQ(c.get("xdp_redirect"), c.get("rx_descriptors") + c.get("rx_ring_full") + c.get("rx_dropped"));
  EXPECT_EQ(c.get("rx_descriptors"), c.sum("published") + c.get("returned_to_host") + c.sum("discarded"));
  EXPECT_EQ(c.get("returned_to_host"),
            c.get("return_written") + c.get("overrun{return}") + c.get("tap_error"));
  EXPECT_EQ(c.get("sink_consumed"), c.sum("published") + c.sum("slow_way_published"));
  EXPECT_EQ(c.get("slow_way_rx"), c.sum("slow_way_published") + c.sum("slow_way_discarded"));
}

}  // namespace penstock::testing
