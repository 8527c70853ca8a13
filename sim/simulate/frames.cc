// Good datagrams by the frame builder, others by the mutator, then what the wire does to them.
#include "sim/simulate/frames.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

constexpr MacAddress kSender{{2, 0, 0, 0, 0, 1}};

std::vector<std::byte> datagram(const SimFrame& frame, std::uint16_t port) {
  std::array<std::byte, 1472> payload{};
  std::memcpy(payload.data(), &frame.number, sizeof(frame.number));
  const ClassifierConfig host = sim_classifier();
  return FrameBuilder()
      .add(EthernetHeader{.destination = *host.mac, .source = kSender})
      .add(Ipv4Header{.source = {{198, 18, 0, static_cast<std::uint8_t>(frame.flow)}},
                      .destination = host.addresses.front()})
      .add(UdpHeader{.source_port = static_cast<std::uint16_t>(1024 + frame.flow), .destination_port = port})
      .payload(std::span(payload).first(std::clamp<std::size_t>(frame.bytes, 8, payload.size())))
      .pad_to(60)
      .build();
}

}  // namespace

SimFrames::SimFrames(std::uint64_t seed) : mutator_(sim_classifier(), {.seed = seed}) {}

const std::vector<std::byte>& SimFrames::mutant(std::uint32_t number) {
  while (mutants_.size() <= number) {
    const std::span<const std::byte> frame = mutator_.next();
    mutants_.emplace_back(frame.begin(), frame.end());
  }
  return mutants_[number];
}

std::vector<std::byte> SimFrames::bytes_of(const SimFrame& frame) {
  std::vector<std::byte> bytes;
  switch (frame.kind) {
    case SimFrame::Kind::kOurs:
      bytes = datagram(frame, kSimPorts[frame.value]);
      break;
    case SimFrame::Kind::kOther:
      bytes = datagram(frame, kSimOtherPort);
      break;
    case SimFrame::Kind::kMutant:
      bytes = mutant(frame.value);
      break;
  }
  if (frame.cut != 0 && frame.cut < bytes.size()) bytes.resize(frame.cut);
  if (frame.flipped_bit >= 0) {
    const std::size_t at = static_cast<std::size_t>(frame.flipped_bit) / 8;
    if (at < bytes.size()) bytes[at] ^= std::byte{1} << (frame.flipped_bit % 8);
  }
  return bytes;
}

}  // namespace penstock
