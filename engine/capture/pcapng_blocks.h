// The blocks of a pcapng file as bytes, for who writes them: whole files (PcapngWriter), or files that follow
// each other (rotating_capture.h). What little-endian hosts write; nothing of the program or the moment.
//
//   append_section()   Section Header Block, then an Interface Description Block each
//   append_packet()    Enhanced Packet Block of one of these interfaces
//
// Thread safety: pure functions of what they are given. Source: draft-ietf-opsawg-pcapng.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/capture/link_type.h"

namespace penstock {

inline constexpr std::uint32_t kPcapngSectionBlock = 0x0a0d0d0a;  // reads the same in both byte orders
inline constexpr std::uint32_t kPcapngInterfaceBlock = 1;
inline constexpr std::uint32_t kPcapngEnhancedPacketBlock = 6;
inline constexpr std::uint32_t kPcapngByteOrderMagic = 0x1a2b3c4d;
inline constexpr std::uint16_t kPcapngMajorVersion = 1;
inline constexpr std::uint16_t kLinktypeRaw = 101;  // in files; libpcap and LinkType say DLT_RAW, 12

// Codes of options.
inline constexpr std::uint16_t kPcapngOptionEnd = 0;
inline constexpr std::uint16_t kPcapngOptionComment = 1;      // opt_comment
inline constexpr std::uint16_t kPcapngOptionName = 2;         // if_name
inline constexpr std::uint16_t kPcapngOptionDescription = 3;  // if_description
inline constexpr std::uint16_t kPcapngOptionResolution = 9;   // if_tsresol
inline constexpr std::uint16_t kPcapngOptionTimeOffset = 14;  // if_tsoffset

// One interface of a section; times are in nanoseconds, frames have any length. Empty texts are left out.
struct PcapngInterface {
  LinkType link = LinkType::kEthernet;
  std::string name{};
  std::string description{};
};

// Begins a section, whose length is not said: it ends with the file.
void append_section(std::vector<std::byte>& to, std::span<const PcapngInterface> interfaces);

// A whole frame of the interface of that index. `comment`: UTF-8, which Wireshark shows with the packet;
// empty: none. REQUIRES: time >= 0; at most 8 MiB.
void append_packet(std::vector<std::byte>& to, std::uint32_t interface, Nanoseconds time,
                   std::span<const std::byte> frame, const std::string& comment = {});

}  // namespace penstock
