// Heads, options, padding.
#include "engine/capture/pcapng_blocks.h"

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

constexpr std::size_t kLongestFrame = 8u << 20;  // half of what PcapngReader takes for a block

void put16(std::vector<std::byte>& to, std::uint16_t value) {
  to.resize(to.size() + sizeof(value));
  store_le16(&to[to.size() - sizeof(value)], value);
}

void put32(std::vector<std::byte>& to, std::uint32_t value) {
  to.resize(to.size() + sizeof(value));
  store_le32(&to[to.size() - sizeof(value)], value);
}

// Padded to a multiple of four.
void put(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
  to.resize(to.size() + (4 - bytes.size() % 4) % 4);
}

// Returns where it begins, for end_block().
std::size_t begin_block(std::vector<std::byte>& to, std::uint32_t type) {
  const std::size_t start = to.size();
  put32(to, type);
  put32(to, 0);
  return start;
}

void end_block(std::vector<std::byte>& to, std::size_t start) {
  const auto length = static_cast<std::uint32_t>(to.size() + 4 - start);
  store_le32(&to[start + 4], length);
  put32(to, length);
}

void put_option(std::vector<std::byte>& to, std::uint16_t code, std::span<const std::byte> value) {
  put16(to, code);
  put16(to, static_cast<std::uint16_t>(value.size()));
  put(to, value);
}

void put_text(std::vector<std::byte>& to, std::uint16_t code, const std::string& text) {
  if (!text.empty()) put_option(to, code, std::as_bytes(std::span(text)));
}

void append_interface(std::vector<std::byte>& to, const PcapngInterface& interface) {
  constexpr std::byte kNanoseconds{9};
  const std::size_t start = begin_block(to, kPcapngInterfaceBlock);
  put16(to, interface.link == LinkType::kRawIp ? kLinktypeRaw : static_cast<std::uint16_t>(interface.link));
  put16(to, 0);
  put32(to, 0);  // no snap length
  put_text(to, kPcapngOptionName, interface.name);
  put_text(to, kPcapngOptionDescription, interface.description);
  put_option(to, kPcapngOptionResolution, {&kNanoseconds, 1});
  put_option(to, kPcapngOptionEnd, {});
  end_block(to, start);
}

}  // namespace

void append_section(std::vector<std::byte>& to, std::span<const PcapngInterface> interfaces) {
  const std::size_t start = begin_block(to, kPcapngSectionBlock);
  put32(to, kPcapngByteOrderMagic);
  put16(to, kPcapngMajorVersion);
  put16(to, 0);
  put32(to, ~std::uint32_t{0});  // its length: -1
  put32(to, ~std::uint32_t{0});
  end_block(to, start);
  for (const PcapngInterface& interface : interfaces)
    append_interface(to, interface);
}

void append_packet(std::vector<std::byte>& to, std::uint32_t interface, Nanoseconds time,
                   std::span<const std::byte> frame, const std::string& comment) {
  PENSTOCK_CHECK(time >= 0 && frame.size() <= kLongestFrame);
  const auto units = static_cast<std::uint64_t>(time);
  const std::size_t start = begin_block(to, kPcapngEnhancedPacketBlock);
  put32(to, interface);
  put32(to, static_cast<std::uint32_t>(units >> 32));
  put32(to, static_cast<std::uint32_t>(units));
  put32(to, static_cast<std::uint32_t>(frame.size()));
  put32(to, static_cast<std::uint32_t>(frame.size()));
  put(to, frame);
  put_text(to, kPcapngOptionComment, comment);
  if (!comment.empty()) put_option(to, kPcapngOptionEnd, {});
  end_block(to, start);
}

}  // namespace penstock
