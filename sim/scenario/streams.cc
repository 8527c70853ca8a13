// Making the datagrams and knowing them again.
#include "sim/scenario/streams.h"

#include <cstring>

#include "engine/packet/byte_order.h"
#include "sim/workload/frames.h"

namespace penstock {
namespace {

constexpr std::uint16_t kSourcePort = 8006;
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kSourceAt = 26, kPayloadAt = 42;

}  // namespace

std::vector<StreamDatagram> plan_streams(std::span<const StreamSpec> streams) {
  std::vector<StreamDatagram> datagrams;
  for (const StreamSpec& stream : streams) {
    const auto period = static_cast<Nanoseconds>(static_cast<std::uint64_t>(kSecond) / stream.pps);
    for (Nanoseconds at = stream.from; at < stream.until; at += period)
      datagrams.push_back({at, stream.port, stream.bytes});
  }
  return datagrams;
}

void add_streams(std::span<const StreamDatagram> datagrams, Workload* workload) {
  for (std::size_t number = 0; number < datagrams.size(); ++number) {
    const StreamDatagram& datagram = datagrams[number];
    std::vector<std::byte> payload(datagram.bytes);
    store_le64(payload.data(), number);
    add_datagram(datagram.at, FrameKind::kOtherPort, {kStreamSource, kSourcePort}, datagram.port,
                 static_cast<std::uint16_t>(number), payload, workload);
  }
  workload->sort_by_time();
}

std::optional<std::uint64_t> stream_number(std::span<const std::byte> frame) {
  if (frame.size() < kPayloadAt + kNumberBytes) return std::nullopt;
  Ipv4Address source;
  std::memcpy(source.bytes.data(), &frame[kSourceAt], source.bytes.size());
  return stream_number(source, frame.subspan(kPayloadAt));
}

std::optional<std::uint64_t> stream_number(Ipv4Address source, std::span<const std::byte> payload) {
  if (source != kStreamSource || payload.size() < kNumberBytes) return std::nullopt;
  std::uint64_t number = 0;
  std::memcpy(&number, payload.data(), sizeof(number));
  return number;
}

}  // namespace penstock
