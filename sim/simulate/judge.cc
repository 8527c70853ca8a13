// Matching what came out with what went in.
#include "sim/simulate/judge.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "bpf/take_all.h"
#include "engine/classify/testing/plain_model.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// A datagram by its endpoints and its payload.
std::uint64_t datagram_key(std::span<const std::byte, 4> source, std::span<const std::byte, 4> destination,
                           std::uint16_t source_port, std::uint16_t destination_port,
                           std::span<const std::byte> payload) {
  std::array<std::byte, 20> endpoints{};
  std::memcpy(endpoints.data(), source.data(), 4);
  std::memcpy(endpoints.data() + 4, destination.data(), 4);
  const std::uint32_t ports = std::uint32_t{source_port} << 16 | destination_port;
  std::memcpy(endpoints.data() + 8, &ports, sizeof(ports));
  const std::uint64_t inside = hash_of(payload);
  std::memcpy(endpoints.data() + 12, &inside, sizeof(inside));
  return hash_of(endpoints);
}

// The same of a whole frame, IPv4 without tags, whose payload the plain model has found.
std::uint64_t datagram_key(std::span<const std::byte> frame, const penstock_payload& payload) {
  const std::byte* udp = frame.data() + payload.offset - PENSTOCK_UDP_BYTES;
  return datagram_key(std::span<const std::byte, 4>(frame.data() + 26, 4),
                      std::span<const std::byte, 4>(frame.data() + 30, 4), load_be16(udp), load_be16(udp + 2),
                      frame.subspan(payload.offset, payload.length));
}

}  // namespace

SimJudge::SimJudge(Filter filter, penstock_scope scope, std::uint32_t queues, std::uint32_t max_payload)
    : filter_(filter), scope_(scope), max_payload_(max_payload), any_port_(sim_classifier()) {
  program_ = any_port_;
  for (std::vector<std::int64_t>& last : last_)
    last.assign(queues, -1);
}

void SimJudge::set_program_ports(std::span<const std::uint16_t> ports) {
  program_.ports.assign(ports.begin(), ports.end());
}

void SimJudge::set_engine_ports(std::span<const std::uint16_t> ports, std::span<const std::uint8_t> places) {
  engine_.push_back(any_port_);
  engine_.back().ports.assign(ports.begin(), ports.end());
  places_.assign(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(ports.size()));
}

void SimJudge::arrived(std::span<const std::byte> frame, std::uint32_t queue) {
  const auto number = static_cast<std::uint32_t>(arrivals_.size());
  arrivals_.push_back({.queue = queue, .engine = engine_.size() - 1});
  by_frame_[hash_of(frame)].push_back(number);
  const Verdict verdict = plain_verdict(any_port_, frame);
  if (verdict.taken()) by_datagram_[datagram_key(frame, verdict.payload)].push_back(number);
}

const SimJudge::Arrival* SimJudge::take(const Index& index, std::uint64_t key, Channel channel) {
  const auto found = index.find(key);
  if (found == index.end()) return nullptr;
  if (found->second.size() > 1) {
    for (const std::uint32_t number : found->second) {
      if (!std::exchange(arrivals_[number].came_out, true)) return &arrivals_[number];
    }
    return nullptr;
  }
  const std::uint32_t number = found->second.front();
  Arrival& arrival = arrivals_[number];
  std::int64_t& last = last_[static_cast<std::size_t>(channel)][arrival.queue];
  if (std::exchange(arrival.came_out, true) || number <= last) return nullptr;
  last = number;
  return &arrival;
}

std::optional<std::string> SimJudge::delivered(const Frag& frag, std::span<const std::byte> payload) {
  ++delivered_;
  const std::vector<std::uint16_t>& ports = engine_.back().ports;
  const auto listed = std::find(ports.begin(), ports.end(), frag.destination_port);
  if (listed == ports.end())
    return fmt::format("delivered for port {}, which is not listed", frag.destination_port);
  if (places_[static_cast<std::size_t>(listed - ports.begin())] != frag.port_index)
    return fmt::format("delivered for port {} under place {}", frag.destination_port, frag.port_index);
  if (payload.size() > max_payload_) return fmt::format("delivered {} bytes of payload", payload.size());
  const std::uint64_t key = datagram_key(std::as_bytes(std::span(frag.source.bytes)),
                                         std::as_bytes(std::span(frag.destination.bytes)), frag.source_port,
                                         frag.destination_port, payload);
  const Arrival* arrival = take(by_datagram_, key, Channel::kDelivered);
  const bool one = arrival != nullptr && by_datagram_[key].size() == 1;
  if (arrival == nullptr || (one && arrival->queue != frag.queue))
    return fmt::format(
        "delivered to port {} from port {} on queue {}, {} bytes: no such datagram is due "
        "there now",
        frag.destination_port, frag.source_port, frag.queue, payload.size());
  return std::nullopt;
}

std::optional<std::string> SimJudge::returned(std::span<const std::byte> frame) {
  ++returned_;
  const std::uint64_t key = hash_of(frame);
  if (take(by_frame_, key, Channel::kReturned) == nullptr)
    return "returned to the host though no such frame is due now: " + describe(frame);
  const std::size_t since = arrivals_[by_frame_[key].front()].engine;
  const bool always_ours =
      std::all_of(engine_.begin() + static_cast<std::ptrdiff_t>(since), engine_.end(),
                  [&](const ClassifierConfig& engine) { return plain_verdict(engine, frame).taken(); });
  if (always_ours) return "returned to the host though it is ours: " + describe(frame);
  return std::nullopt;
}

std::optional<std::string> SimJudge::passed(std::span<const std::byte> frame, const Excuse& excuse) {
  ++passed_;
  if (take(by_frame_, hash_of(frame), Channel::kPassed) == nullptr)
    return "passed to the host though no such frame is due now: " + describe(frame);
  if (excuse.detached || excuse.no_socket) return std::nullopt;
  if (filter_ == Filter::kKernel ? !plain_verdict(program_, frame).taken()
                                 : excuse.stalled || out_of_scope(frame))
    return std::nullopt;
  return "passed to the host without a reason: " + describe(frame);
}

bool SimJudge::out_of_scope(std::span<const std::byte> frame) const {
  if (frame.size() > any_port_.max_frame) return true;
  if (scope_ == PENSTOCK_SCOPE_ALL) return false;
  const bool whole_udp = frame.size() >= 34 && load_be16(&frame[12]) == 0x0800 &&
                         frame[23] == std::byte{17} && (load_be16(&frame[20]) & 0x3fff) == 0;
  return !whole_udp;
}

std::string SimJudge::describe(std::span<const std::byte> frame) {
  std::string text = fmt::format("{} bytes", frame.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(frame.size(), 50); ++i)
    text += fmt::format("{}{:02x}", i % 2 == 0 ? " " : "", static_cast<unsigned>(frame[i]));
  return text;
}

}  // namespace penstock
