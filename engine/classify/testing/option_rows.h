// Frames with known verdicts for the classifier's options (VLAN, IPv6, UDP checksum) and for more local
// addresses than stand in the policy. frame_rows.h has the default policy's.
#pragma once

#include <vector>

#include "engine/classify/classifier.h"
#include "engine/classify/testing/frame_rows.h"

namespace penstock {

// row_classifier() with every option on, the IPv4 addresses 10.1.0.2 to 10.1.0.9 and the IPv6
// addresses 2001:db8::2 and fe80::2.
ClassifierConfig option_classifier();

std::vector<FrameRow> option_rows();

}  // namespace penstock
