// Builds Ethernet frames from a stack of headers, outermost first:
//
//   const std::vector<std::byte> frame = FrameBuilder()
//       .add(EthernetHeader{.destination = to, .source = from})
//       .add(Ipv4Header{.source = a, .destination = b})
//       .add(UdpHeader{.source_port = 8006, .destination_port = 8000})
//       .payload(shred)
//       .build();
//
// The payload is laid down first, then the headers from the inside out, each filling in lengths,
// checksums and types from what it already encloses (the idea is Katran's packet builder). Any derived
// field can be overridden in the header, so that malformed frames are as easy to make as good ones.
//
// Ownership: the payload is borrowed until build() or write(). Thread safety: none; one builder, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/packet/headers.h"

namespace penstock {

class FrameBuilder {
 public:
  static constexpr std::size_t kMaxHeaders = 8;

  FrameBuilder& add(Header header);
  FrameBuilder& payload(std::span<const std::byte> bytes);
  // Zero bytes after the payload that no length field counts: Ethernet padding.
  FrameBuilder& padding(std::size_t bytes);
  // Adds padding until the frame, as it stands now, has at least `bytes`.
  FrameBuilder& pad_to(std::size_t bytes);

  std::size_t size() const;
  std::vector<std::byte> build() const;
  // Writes the frame into `to`, which must have exactly size() bytes. Allocates nothing.
  void write(std::span<std::byte> to) const;

 private:
  std::array<Header, kMaxHeaders> headers_;
  std::size_t header_count_ = 0;
  std::span<const std::byte> payload_;
  std::size_t padding_ = 0;
};

}  // namespace penstock
