// IP options, IPv6 extension headers, and destinations that are groups.
#include <algorithm>
#include <cstring>

#include "engine/packet/byte_order.h"
#include "sim/oracle_fuzz/case_maker.h"

namespace penstock {
namespace {

constexpr std::size_t kLongestOptions = 40;

void append(std::vector<std::byte>& to, std::initializer_list<std::uint64_t> values) {
  for (const std::uint64_t value : values)
    to.push_back(static_cast<std::byte>(value));
}

std::size_t draw_length(CaseMaker& m) {
  return m.one_in(3) ? m.random().between(0, 300) : 1'203;
}

// One option of those that Linux knows (ip_options_compile), and of some that it does not.
void add_option(CaseMaker& m, std::vector<std::byte>& options) {
  constexpr std::uint8_t kTypes[] = {7, 68, 131, 137, 148, 130, 134, 136, 25, 94, 0x9e};
  Random& random = m.random();
  if (m.one_in(4)) return append(options, {1});
  if (m.one_in(12)) return append(options, {0});
  const std::uint8_t type = kTypes[random.below(std::size(kTypes))];
  std::size_t length = 0;
  std::vector<std::byte> body;
  switch (type) {
    case 7:    // record route
    case 131:  // loose and strict source routes
    case 137: {
      const std::size_t slots = random.between(0, 3);
      length = 3 + 4 * slots;
      append(body, {m.one_in(4) ? length + 1 : 4 + 4 * random.below(slots + 1)});
      break;
    }
    case 68: {  // timestamps: pointer, overflow and flags
      const std::uint64_t kinds[] = {0, 1, 3, random.below(16)};
      const std::uint64_t flags = kinds[random.below(4)];
      const std::size_t slot = flags == 0 ? 4 : 8;
      const std::size_t slots = random.between(0, 3);
      length = 4 + slot * slots;
      append(body, {5 + slot * random.below(slots + 1), flags | random.below(16) << 4});
      break;
    }
    case 148:  // router alert
      length = 4;
      break;
    default:
      length = random.between(2, 12);
      break;
  }
  if (m.one_in(6)) length = random.below(16);  // a lie
  const std::size_t bytes = std::max<std::size_t>(length, 2);
  append(options, {type, length});
  for (std::size_t i = 2; i < bytes; ++i)
    options.push_back(i - 2 < body.size() ? body[i - 2] : static_cast<std::byte>(random.below(256)));
}

// An extension header of whole 8 bytes that is followed by `next`.
std::vector<std::byte> extension(CaseMaker& m, std::uint8_t type, std::uint8_t next) {
  Random& random = m.random();
  const std::size_t units = random.between(0, 2);
  std::vector<std::byte> header(8 + 8 * units);
  header[0] = std::byte{next};
  header[1] = static_cast<std::byte>(m.one_in(8) ? random.below(16) : units);
  if (type == 43) {  // routing: type and segments left
    constexpr std::uint8_t kRoutingTypes[] = {0, 2, 3, 4, 200};
    header[2] = std::byte{kRoutingTypes[random.below(std::size(kRoutingTypes))]};
    header[3] = static_cast<std::byte>(random.below(2));
    return header;
  }
  // Options: PadN over all, or one option that Linux does not know, by the action that its type asks for.
  header[2] = m.one_in(3) ? static_cast<std::byte>(random.below(256)) : std::byte{1};
  header[3] = static_cast<std::byte>(header.size() - 4);
  return header;
}

}  // namespace

std::vector<FrameBytes> make_options(CaseMaker& m) {
  Ipv4Header ip = m.ip();
  const std::size_t count = m.random().between(1, 4);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::byte> longer = ip.options;
    add_option(m, longer);
    if (longer.size() <= kLongestOptions) ip.options = std::move(longer);
  }
  const std::vector<std::byte> content = m.payload(draw_length(m));
  return {FrameBuilder().add(m.ethernet()).add(ip).add(m.udp()).payload(content).build()};
}

std::vector<FrameBytes> make_ipv6_extensions(CaseMaker& m) {
  constexpr std::uint8_t kTypes[] = {0, 43, 60, 60, 51, 50, 135, 59};
  const Ipv6Header ip = m.ip6();
  const UdpHeader udp = m.udp();
  std::vector<std::byte> content = m.datagram(ip, udp, draw_length(m));
  std::uint8_t next = kProtocolUdp;
  const std::size_t count = m.random().between(1, 3);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t type = kTypes[m.random().below(std::size(kTypes))];
    const std::vector<std::byte> header = extension(m, type, next);
    content.insert(content.begin(), header.begin(), header.end());
    next = type;
  }
  Ipv6Header outer = ip;
  outer.next_header = next;
  return {FrameBuilder().add(m.ethernet()).add(outer).payload(content).build()};
}

std::vector<FrameBytes> make_group_destination(CaseMaker& m) {
  constexpr Ipv4Address kGroups[] = {{{255, 255, 255, 255}}, {{192, 0, 2, 255}}, {{192, 0, 2, 0}},
                                     {{224, 0, 0, 1}},       {{224, 0, 0, 5}},   {{239, 255, 0, 1}},
                                     {{10, 9, 8, 255}},      {{127, 0, 0, 1}},   {{0, 0, 0, 0}}};
  EthernetHeader ethernet = m.ethernet();
  Ipv4Header ip = m.ip();
  ip.destination = kGroups[m.random().below(std::size(kGroups))];
  if (m.one_in(4)) ip.source = {};
  switch (m.random().below(3)) {
    case 0:
      ethernet.destination = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
      break;
    case 1:
      ethernet.destination = {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(ip.destination.bytes[1] & 0x7f),
                               ip.destination.bytes[2], ip.destination.bytes[3]}};
      break;
    default:
      break;
  }
  const std::vector<std::byte> content = m.payload(draw_length(m));
  return {FrameBuilder().add(ethernet).add(ip).add(m.udp()).payload(content).build()};
}

}  // namespace penstock
