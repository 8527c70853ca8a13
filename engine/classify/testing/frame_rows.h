// Frames with known verdicts: one row a case of the table in docs/classifier.md. The C++ classifier
// and the XDP program are tested over the same rows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bpf/classify.h"
#include "engine/classify/classifier.h"

namespace penstock {

struct FrameRow {
  std::string name;
  std::vector<std::byte> frame;
  penstock_reason reason;
  std::size_t payload_bytes = 0;  // of a taken frame
};

// The interface that the rows are made for: ports 8003 and 8701, MAC 02:00:00:00:00:02, addresses
// 10.1.0.2 and 10.1.0.3, 2 KiB chunks.
ClassifierConfig row_classifier();

std::vector<FrameRow> frame_rows();

// A frame that the row classifier takes, with `payload_bytes` of payload.
std::vector<std::byte> taken_frame(std::size_t payload_bytes);

}  // namespace penstock
