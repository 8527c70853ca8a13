// Bytes of frames, headers for those without, and the disk.
#include "engine/tiles/capture_tile.h"

#include <time.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/mcache/copy.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"
#include "engine/tiles/captured_frag.h"

namespace penstock {
namespace {

constexpr std::uint16_t kEthernetBytes = 14, kUdpBytes = 8, kIpv4Bytes = 20;
constexpr std::uint16_t kRebuiltBytes = kEthernetBytes + kIpv4Bytes + kUdpBytes;
constexpr std::uint16_t kIpv4Ethertype = 0x0800;
constexpr std::uint8_t kVersionAndLength = 0x45, kUdpProtocol = 17;

Nanoseconds wall_clock() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return std::max<Nanoseconds>(0, static_cast<Nanoseconds>(t.tv_sec) * kSecond + t.tv_nsec);
}

std::array<std::byte, kRebuiltBytes> headers_for(const Frag& frag) {
  std::array<std::byte, kRebuiltBytes> headers{};
  store_be16(&headers[kEthernetBytes - 2], kIpv4Ethertype);
  const auto ip = std::span(headers).subspan<kEthernetBytes, kIpv4Bytes>();
  ip[0] = std::byte{kVersionAndLength};
  store_be16(&ip[2], static_cast<std::uint16_t>(kIpv4Bytes + kUdpBytes + frag.length));
  ip[9] = std::byte{kUdpProtocol};
  std::memcpy(&ip[12], frag.source.bytes.data(), frag.source.bytes.size());
  std::memcpy(&ip[16], frag.destination.bytes.data(), frag.destination.bytes.size());
  store_be16(&ip[10], checksum_finish(checksum_sum(ip)));
  const auto udp = std::span(headers).subspan<kEthernetBytes + kIpv4Bytes>();
  store_be16(&udp[0], frag.source_port);
  store_be16(&udp[2], frag.destination_port);
  store_be16(&udp[4], static_cast<std::uint16_t>(kUdpBytes + frag.length));
  return headers;
}

}  // namespace

std::array<PcapngInterface, 2> CaptureTile::interfaces(const std::string& name) {
  return {PcapngInterface{LinkType::kEthernet, name, "taken off the interface, as it came"},
          PcapngInterface{LinkType::kEthernet, name + "-sockets", "by a socket: the headers are rebuilt"}};
}

std::string CaptureTile::trouble() const {
  const std::lock_guard lock(lock_);
  return trouble_;
}

void CaptureTile::set_trouble(std::string text) {
  const std::lock_guard lock(lock_);
  trouble_ = std::move(text);
}

void CaptureTile::set_limits(const RotatingCapture::Limits& limits) {
  const std::lock_guard lock(lock_);
  new_limits_ = limits;
  has_new_limits_ = true;
}

void CaptureTile::heed_limits() {
  const std::lock_guard lock(lock_);
  files_.set_limits(new_limits_);
  has_new_limits_ = false;
}

std::size_t CaptureTile::step(Nanoseconds now) {
  if (has_new_limits_.load(std::memory_order_relaxed)) heed_limits();
  const bool wanted = !refused_ || now >= ask_again_at_;
  std::size_t done = 0;
  for (Input& input : inputs_)
    done += input.link.take_batch(kBatch, counters_, [&](const Frag& frag) { take(input, frag, wanted); });
  if (datagrams_ != 0) write(now);
  return done;
}

void CaptureTile::take(Input& input, const Frag& frag, bool wanted) {
  std::span<const std::byte> bytes;
  if (wanted) bytes = copy_speculatively(bytes_of(input.memory, with_headers(frag)), copy_);
  if (!input.link.consumer().accept()) return;  // counted in lost()
  if (!wanted) {
    counters_.add(Counter::kCaptureDropped);
    return;
  }
  ++datagrams_;
  const std::string comment = input.judged ? text_of(verdict_of(frag)) : "";
  if (has_frame(frag)) {
    append_packet(blocks_, kAsReceived, wall_clock(), bytes, comment);
    return;
  }
  const auto headers = headers_for(frag);
  rebuilt_.assign(headers.begin(), headers.end());
  rebuilt_.insert(rebuilt_.end(), bytes.begin(), bytes.end());
  append_packet(blocks_, kRebuilt, wall_clock(), rebuilt_, comment);
}

void CaptureTile::write(Nanoseconds now) {
  const std::uint64_t begun = files_.begun();
  const Status written = files_.write(blocks_);
  counters_.add(Counter::kCaptureFiles, files_.begun() - begun);
  if (written) {
    counters_.add(Counter::kCaptureWritten, datagrams_);
    counters_.add(Counter::kCaptureBytes, blocks_.size());
    if (refused_) set_trouble("");
  } else {
    counters_.add(Counter::kCaptureDropped, datagrams_);
    ask_again_at_ = now + kPatience;
    set_trouble(written.error().message());
  }
  refused_ = !written;
  blocks_.clear();
  datagrams_ = 0;
}

}  // namespace penstock
