// What of a frag goes into a capture: its whole frame where the kernel wrote one, else its payload.
//
// Thread safety: pure functions. Torn metadata (mcache.h) may say anything, and is answered with something.
#pragma once

#include <cstdint>

#include "engine/receive/receiver.h"
#include "engine/xsk/umem.h"

namespace penstock {

// Whether the frag is in a frame that the kernel wrote, with all its headers. The classifier takes neither
// IPv4 options nor IPv6 extension headers.
inline bool has_frame(const Frag& frag) {
  constexpr std::uint32_t kEthernetAndUdp = 14 + 8, kIpv4 = 20, kIpv6 = 40;
  const std::uint32_t headers = kEthernetAndUdp + (frag.ip_version == 6 ? kIpv6 : kIpv4);
  return frag.way == WayIn::kAfXdp && frag.offset >= kXdpHeadroom + headers;
}

// The same place from the frame's first byte on, tags with it, to the payload's last; just the payload where
// there is no frame.
inline Frag with_headers(Frag frag) {
  if (!has_frame(frag)) return frag;
  frag.length = static_cast<std::uint16_t>(frag.length + frag.offset - kXdpHeadroom);
  frag.offset = static_cast<std::uint16_t>(kXdpHeadroom);
  return frag;
}

}  // namespace penstock
