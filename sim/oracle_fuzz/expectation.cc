// Circumstances, then the table.
#include "sim/oracle_fuzz/expectation.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "engine/classify/testing/plain_model.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"

namespace penstock {
namespace {

constexpr std::size_t kUdpBytes = 8;
constexpr std::uint8_t kUdp = 17;

ClassifierConfig without_checksum(ClassifierConfig options) {
  options.verify_udp_checksum = false;
  return options;
}

Datagram datagram_at(std::span<const std::byte> frame, const penstock_payload& at) {
  const std::byte* const payload = frame.data() + at.offset;
  const std::byte* const udp = payload - kUdpBytes;
  Datagram datagram{.source_port = load_be16(udp),
                    .destination_port = load_be16(udp + 2),
                    .payload = {payload, payload + at.length}};
  if (at.ip_version == 4) {
    Ipv4Address source;
    Ipv4Address destination;
    std::memcpy(source.bytes.data(), udp - 8, source.bytes.size());
    std::memcpy(destination.bytes.data(), udp - 4, destination.bytes.size());
    datagram.source = mapped(source);
    datagram.destination = mapped(destination);
  } else {
    std::memcpy(datagram.source.bytes.data(), udp - 32, datagram.source.bytes.size());
    std::memcpy(datagram.destination.bytes.data(), udp - 16, datagram.destination.bytes.size());
  }
  return datagram;
}

// 0 is no checksum. The mapped prefix of an IPv4 address (twice 0xffff) adds nothing to the sum.
bool checksum_is_bad(std::span<const std::byte> frame, const penstock_payload& at, const Datagram& datagram) {
  const std::span<const std::byte> udp =
      frame.subspan(at.offset - kUdpBytes, kUdpBytes + std::size_t{at.length});
  if (load_be16(&udp[6]) == 0) return false;
  const auto bytes_of = [](const Ipv6Address& address) { return std::as_bytes(std::span(address.bytes)); };
  const std::uint64_t sum = checksum_sum(bytes_of(datagram.source)) +
                            checksum_sum(bytes_of(datagram.destination)) + kUdp + udp.size() +
                            checksum_sum(udp);
  return checksum_fold(sum) != 0xffff;
}

}  // namespace

Expectation::Expectation(std::string_view path, const ClassifierConfig& options, std::size_t max_payload,
                         const ExceptionTable& table)
    : path_(path), max_payload_(max_payload), without_checksum_(without_checksum(options)), table_(table) {
  receiver_.verify_udp_checksum = options.verify_udp_checksum;
  receiver_.ipv6_taken = options.ipv6;
}

std::vector<Expectation::Plain> Expectation::plain_of(std::span<const FrameBytes> frames) const {
  std::vector<Plain> plain;
  for (const FrameBytes& frame : frames) {
    const Verdict verdict = plain_verdict(without_checksum_, frame);
    if (!verdict.taken()) continue;
    Datagram datagram = datagram_at(frame, verdict.payload);
    const bool bad = checksum_is_bad(frame, verdict.payload, datagram);
    plain.push_back({std::move(datagram), bad});
  }
  return plain;
}

Circumstances Expectation::circumstances_of(const Datagram& datagram) const {
  Circumstances circumstances = receiver_;
  circumstances.ipv6 = !datagram.is_ipv4();
  circumstances.payload_above_max = datagram.payload.size() > max_payload_;
  return circumstances;
}

std::vector<Datagram> Expectation::of(std::span<const FrameBytes> frames,
                                      const std::vector<Datagram>& given_by_linux) const {
  std::vector<Datagram> expected;
  std::map<Datagram, std::size_t> fast;  // how many copies the fast path is good for
  for (const Plain& plain : plain_of(frames)) {
    Circumstances circumstances = circumstances_of(plain.datagram);
    if (!plain.checksum_bad) {
      ++fast[plain.datagram];
      continue;
    }
    circumstances.udp_checksum_bad = true;
    if (is_delivered(table_.outcome(path_, Outcome::kDropped, circumstances)))
      expected.push_back(plain.datagram);
  }
  for (const Datagram& datagram : given_by_linux) {
    Circumstances circumstances = circumstances_of(datagram);
    const auto found = fast.find(datagram);
    circumstances.slow_way = found == fast.end() || found->second == 0;
    if (!circumstances.slow_way) --found->second;
    if (is_delivered(table_.outcome(path_, Outcome::kDelivered, circumstances))) expected.push_back(datagram);
  }
  return expected;
}

}  // namespace penstock
