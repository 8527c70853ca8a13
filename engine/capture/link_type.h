// What a captured frame is, whichever format it was read from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/clock.h"

namespace penstock {

// The link-layer type of a frame, by libpcap's DLT_ numbers.
enum class LinkType : int {
  kEthernet = 1,
  kRawIp = 12,  // LINKTYPE_RAW, 101 in files: IPv4 or IPv6 by its first four bits
  kIpv4 = 228,
};

// libpcap's name, as "EN10MB"; the number when it has none.
std::string to_string(LinkType type);

// One frame of a capture. `bytes` and `comment` belong to the reader and are valid until its next next().
struct CapturedFrame {
  Nanoseconds time = 0;           // since the epoch
  std::uint32_t wire_length = 0;  // what was on the wire; larger than bytes.size() when cut short
  std::span<const std::byte> bytes{};
  LinkType link = LinkType::kEthernet;
  std::string_view comment{};  // the first one; pcapng alone has them
};

}  // namespace penstock
