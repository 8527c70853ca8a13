// What the sender of a workload is owed: which payloads a receiver must deliver, and what the host's stack
// must see. Judged frame by frame by the oracle, so that impairments and hostile frames need no special
// case. Every path's result is compared with this, not only with another path's.
//
// The multisets, and who must match which:
//   fast       taken by the AF_XDP paths, received by the socket paths
//   unchecked  wrong only in the UDP checksum: taken by the AF_XDP paths, dropped by the kernel (a declared
//              exception to sameness)
//   slow       received by the companion socket, or by the socket paths: options, priority tags, fragments
//   oversize   slow datagrams longer than max_payload, which every path discards; counted only
//   passed     whole frames that no AF_XDP path takes: all of them reach the host's stack
// expected_payloads() and expected_of_sockets() put them together.
//
// Thread safety: none while building, then immutable. Memory: one entry a FEC set or unfinished datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "engine/packet/digest.h"
#include "sim/workload/frame_kind.h"
#include "sim/workload/oracle.h"
#include "sim/workload/reassembly.h"
#include "sim/workload/workload.h"

namespace penstock {

struct FrameCount {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  bool operator==(const FrameCount&) const = default;
};

// By the words of result.json: 64 distinct members, 32 to 63, fewer.
struct SetStates {
  std::uint64_t complete = 0;
  std::uint64_t recovered = 0;
  std::uint64_t incomplete = 0;
  bool operator==(const SetStates&) const = default;
};

class Ledger {
 public:
  static constexpr std::size_t kDefaultMaxPayload = 1'472;

  explicit Ledger(Oracle oracle, std::size_t max_payload = kDefaultMaxPayload)
      : oracle_(std::move(oracle)), max_payload_(max_payload) {}

  void add(const TimedFrame& frame);
  void add(const Workload& workload);

  const FrameCount& total() const { return total_; }
  const FrameCount& of_kind(FrameKind kind) const { return by_kind_[index_of(kind)]; }
  std::uint64_t of_fate(Fate fate) const { return by_fate_[static_cast<std::size_t>(fate)]; }

  const MultisetDigest& fast() const { return fast_; }
  const MultisetDigest& unchecked() const { return unchecked_; }
  const MultisetDigest& slow() const { return slow_; }
  std::uint64_t oversize() const { return oversize_; }
  const MultisetDigest& passed() const { return passed_; }

  // What an AF_XDP path delivers: fast and unchecked, and slow with a companion socket of its own.
  MultisetDigest expected_payloads(bool companion) const;
  // What a plain UDP socket delivers: fast and slow.
  MultisetDigest expected_of_sockets() const;

  // Of delivered payloads (fast, unchecked, slow) that are shreds by length and variant byte.
  const std::array<std::uint64_t, 256>& variants() const { return variants_; }
  // Of shreds that no impairment touched.
  SetStates sets() const;

 private:
  void add_payload(const Judgement& judgement, FrameKind kind);
  void add_shred(std::span<const std::byte> payload, FrameKind kind);

  Oracle oracle_;
  std::size_t max_payload_;
  Reassembly reassembly_;
  FrameCount total_;
  std::array<FrameCount, kFrameKinds> by_kind_{};
  std::array<std::uint64_t, 5> by_fate_{};
  MultisetDigest fast_;
  MultisetDigest unchecked_;
  MultisetDigest slow_;
  MultisetDigest passed_;
  std::uint64_t oversize_ = 0;
  std::array<std::uint64_t, 256> variants_{};
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> members_;  // bit a member, by (slot, set)
};

// The oracle for a generated workload: the receiver of its link, listening on its TVU port and `more_ports`.
Oracle oracle_of(const Workload& workload, const std::set<std::uint16_t>& more_ports = {});

}  // namespace penstock
