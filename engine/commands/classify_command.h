// `penstock classify`: both classifiers' verdicts on every frame of a capture, as JSON lines.
#pragma once

#include <cstdio>
#include <filesystem>

#include "engine/base/result.h"
#include "engine/classify/classifier.h"

namespace penstock {

// Writes one line a frame to `out`, frames counted from 0:
//   {"frame": 0, "userspace": "take"|"pass", "kernel": "take"|"pass"|"unavailable",
//    "reason": "...", "payload_offset": n, "payload_length": n}
// "userspace" and everything after "kernel" is the C++ classifier's; "kernel" is filter_by_port's by
// BPF_PROG_TEST_RUN, "unavailable" when the program may not be loaded (why: once on stderr) or the
// frame's length is outside what the kernel can run.
Status classify_capture(const std::filesystem::path& capture, const ClassifierConfig& config, std::FILE* out);

}  // namespace penstock
