// What the sender of a workload is owed: which payloads a receiver must deliver, and what the host's stack
// must see. Judged frame by frame by the oracle, so that impairments and hostile frames need no special
// case. Every path's result is compared with this, not only with another path's.
//
// The multisets:
//   fast       plain: taken by the AF_XDP paths
//   unchecked  plain, and wrong only in the UDP checksum
//   slow       left to the kernel by the AF_XDP paths: options, priority tags, fragments
//   oversize   fast and slow ones that are longer than max_payload
//   passed     whole frames that no AF_XDP path takes: all of them reach the host's stack
// A plain UDP socket is given all but the unchecked. Where a path differs from it, that is because a row
// of bpf/exceptions.toml says so, never by code here: expected_payloads() asks the table.
//
// Thread safety: none while building, then immutable. Memory: one entry a FEC set or unfinished datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "engine/packet/digest.h"
#include "sim/exceptions/circumstances.h"
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
  const MultisetDigest& oversize() const { return oversize_; }
  const MultisetDigest& passed() const { return passed_; }

  // What `path` (as result.json names it) delivers, given the receiver's options and the state of the host.
  MultisetDigest expected_payloads(std::string_view path, const Circumstances& receiver) const;
  // The same for either AF_XDP path with the options that are usual: with a companion socket of its own, or
  // none.
  MultisetDigest expected_payloads(bool companion) const;
  // The frames that the host's stack must see: `passed`, and what of the unchecked the path does not take.
  MultisetDigest expected_host(std::string_view path, const Circumstances& receiver) const;
  // What plain UDP sockets are given.
  MultisetDigest expected_of_sockets() const;

  // Of delivered payloads (fast, unchecked, slow) that are shreds by length and variant byte.
  const std::array<std::uint64_t, 256>& variants() const { return variants_; }
  // Of shreds that no impairment touched.
  SetStates sets() const;

 private:
  static bool takes_unchecked(std::string_view path, const Circumstances& receiver);
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
  MultisetDigest oversize_;
  MultisetDigest unchecked_frames_;
  std::array<std::uint64_t, 256> variants_{};
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> members_;  // bit a member, by (slot, set)
};

// The oracle for a generated workload: the receiver of its link, listening on its TVU port and `more_ports`.
Oracle oracle_of(const Workload& workload, const std::set<std::uint16_t>& more_ports = {});

}  // namespace penstock
