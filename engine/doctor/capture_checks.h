// Whether what [capture] asks for has a place: the folder, the right to write there, the room.
//
// Thread safety: looks; changes nothing.
#pragma once

#include "engine/config/capture_spec.h"
#include "engine/doctor/finding.h"

namespace penstock {

// Nothing is found where nothing is to be captured.
void check_capture(const CaptureSpec& capture, Findings& findings);

}  // namespace penstock
