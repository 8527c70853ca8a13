// The sentence above each table: what was measured how, and where.
//
// Thread safety: pure.
#pragma once

#include <string>

#include "bench/paths/comparison.h"

namespace penstock {

// What the rows or columns of a table say themselves, so that its heading must not.
struct Varied {
  bool place = false;  // veth or ports, coupled or not
  bool queues = false;
  bool traffic = false;  // length of frames, and share for the port
  bool seconds = false;  // of a trial
  bool ring = false;     // entries of the RX ring
  bool medians = false;  // no samples
};

// "veth, coupled, one queue, frames of 1245 bytes, 100 % for the received port; sender on CPU 0, ...",
// without a full stop or a newline.
std::string conditions(const ComparisonConfig& config, const Varied& varied);

}  // namespace penstock
