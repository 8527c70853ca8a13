// A capture as a workload: every frame of the file, at its own time, for the link of a topology.
#pragma once

#include <filesystem>

#include "engine/base/result.h"
#include "sim/workload/workload.h"

namespace penstock {

enum class CaptureAddresses {
  kRewritten,  // MACs and IPv4 addresses become the link's, checksums are recomputed (rewrite.h)
  kVerbatim,   // sent as they are
};

// Times start at 0; a capture whose times run backwards keeps the order of the file. Errors: those of
// reading (another link type, a frame cut short), and a capture without frames.
Result<Workload> read_capture_workload(const std::filesystem::path& path, const LinkAddresses& link,
                                       CaptureAddresses addresses);

}  // namespace penstock
