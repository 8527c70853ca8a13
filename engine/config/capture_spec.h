// The table [capture] of the file of `penstock run`: what engine/capture/rotating_capture.h writes.
#pragma once

#include <cstdint>
#include <string>

namespace penstock {

struct CaptureSpec {
  std::string folder{};  // empty: nothing is captured
  std::uint32_t file_mib = 64;
  std::uint32_t files = 16;
  bool verdicts = false;  // what the shred stage has judged, with what it said

  bool operator==(const CaptureSpec&) const = default;
};

}  // namespace penstock
