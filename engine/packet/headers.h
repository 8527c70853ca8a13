// Packet headers that write themselves: each knows its size, how its bytes look, and how to fill in
// what depends on its neighbours (lengths, checksums, the type of what follows).
//
// Every derived field can be overridden, so that tests and hostile workloads can build any malformed
// frame. frame_builder.h stacks them into frames. This is code of senders and tests: the receive path
// has one parser, bpf/classify.h.
//
// All integers here are in host order and written in network order. Sizes are in bytes.
// Thread safety: values. Sources: RFC 791 (IPv4), 768 (UDP), 9293 (TCP), 792 (ICMP), 826 (ARP),
// 8200 (IPv6), 2784 and 2890 (GRE), IEEE 802.1Q.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "engine/packet/address.h"

namespace penstock {

inline constexpr std::uint16_t kEthertypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEthertypeArp = 0x0806;
inline constexpr std::uint16_t kEthertypeVlan = 0x8100;
inline constexpr std::uint16_t kEthertypeQinQ = 0x88a8;
inline constexpr std::uint16_t kEthertypeIpv6 = 0x86dd;
inline constexpr std::uint8_t kProtocolIcmp = 1;
inline constexpr std::uint8_t kProtocolTcp = 6;
inline constexpr std::uint8_t kProtocolUdp = 17;
inline constexpr std::uint8_t kProtocolGre = 47;
inline constexpr std::uint8_t kProtocolNone = 59;  // IPv6 "no next header"; nothing known follows

enum class ChecksumMode {
  kGood,
  kZero,     // 0 in the field: for UDP "no checksum"
  kBad,      // differs from the good one, and is not 0
  kPartial,  // UDP and TCP: only the pseudo header summed, as a local sender with offload leaves it
};

// What a header says about itself to the header around it.
struct InnerType {
  std::uint16_t ethertype = 0;
  std::uint8_t protocol = kProtocolNone;
};

// What a header may use while it writes itself.
struct HeaderSurroundings {
  InnerType inner;                             // of the header that follows
  std::optional<std::uint64_t> address_sum{};  // of the enclosing IP header's addresses, for checksums
};

struct EthernetHeader {
  MacAddress destination{};
  MacAddress source{};
  std::optional<std::uint16_t> ethertype{};

  std::size_t size() const { return 14; }
  InnerType type() const { return {}; }
  std::optional<std::uint64_t> address_sum() const { return std::nullopt; }
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

// One 802.1Q or 802.1ad tag; stands after EthernetHeader, or after another tag.
struct VlanTag {
  std::uint16_t vid = 0;
  std::uint8_t priority = 0;
  std::uint16_t tag_type = kEthertypeVlan;  // what the header in front announces
  std::optional<std::uint16_t> ethertype{};

  std::size_t size() const { return 4; }
  InnerType type() const { return {tag_type, kProtocolNone}; }
  std::optional<std::uint64_t> address_sum() const { return std::nullopt; }
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

struct Ipv4Header {
  Ipv4Address source{};
  Ipv4Address destination{};
  std::uint16_t id = 0;
  std::uint8_t ttl = 64;
  std::uint8_t tos = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  bool reserved_bit = false;
  std::uint16_t fragment_offset = 0;  // in units of 8 bytes
  std::vector<std::byte> options{};   // up to 40 bytes, padded with zeros to a multiple of 4
  std::uint8_t version = 4;
  std::optional<std::uint8_t> ihl{};  // in units of 4 bytes; does not move what follows
  std::optional<std::uint16_t> total_length{};
  std::optional<std::uint8_t> protocol{};
  ChecksumMode checksum = ChecksumMode::kGood;

  std::size_t size() const { return 20 + (options.size() + 3) / 4 * 4; }
  InnerType type() const { return {kEthertypeIpv4, 4}; }
  std::optional<std::uint64_t> address_sum() const;
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

struct Ipv6Header {
  std::array<std::uint8_t, 16> source{};
  std::array<std::uint8_t, 16> destination{};
  std::uint8_t hop_limit = 64;
  std::optional<std::uint8_t> next_header{};
  std::optional<std::uint16_t> payload_length{};

  std::size_t size() const { return 40; }
  InnerType type() const { return {kEthertypeIpv6, 41}; }
  std::optional<std::uint64_t> address_sum() const;
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

// Basic header, or with a key when one is given.
struct GreHeader {
  std::optional<std::uint32_t> key{};
  std::optional<std::uint16_t> protocol_type{};  // an ethertype

  std::size_t size() const { return key ? 8 : 4; }
  InnerType type() const { return {0, kProtocolGre}; }
  std::optional<std::uint64_t> address_sum() const { return std::nullopt; }
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

struct UdpHeader {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::optional<std::uint16_t> length{};
  ChecksumMode checksum = ChecksumMode::kGood;

  std::size_t size() const { return 8; }
  InnerType type() const { return {0, kProtocolUdp}; }
  std::optional<std::uint64_t> address_sum() const { return std::nullopt; }
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

struct TcpHeader {
  static constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10;

  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = kSyn;
  std::uint16_t window = 65535;
  ChecksumMode checksum = ChecksumMode::kGood;

  std::size_t size() const { return 20; }
  InnerType type() const { return {0, kProtocolTcp}; }
  std::optional<std::uint64_t> address_sum() const { return std::nullopt; }
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

struct IcmpEchoHeader {
  bool reply = false;
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  ChecksumMode checksum = ChecksumMode::kGood;

  std::size_t size() const { return 8; }
  InnerType type() const { return {0, kProtocolIcmp}; }
  std::optional<std::uint64_t> address_sum() const { return std::nullopt; }
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

// An ARP packet for Ethernet and IPv4; operation 1 asks who has target_address, 2 answers.
struct ArpHeader {
  std::uint16_t operation = 1;
  MacAddress sender_mac{};
  Ipv4Address sender_address{};
  MacAddress target_mac{};
  Ipv4Address target_address{};

  std::size_t size() const { return 28; }
  InnerType type() const { return {kEthertypeArp, kProtocolNone}; }
  std::optional<std::uint64_t> address_sum() const { return std::nullopt; }
  void write(std::span<std::byte> from_here, const HeaderSurroundings& around) const;
};

using Header = std::variant<EthernetHeader, VlanTag, Ipv4Header, Ipv6Header, GreHeader, UdpHeader, TcpHeader,
                            IcmpEchoHeader, ArpHeader>;

}  // namespace penstock
