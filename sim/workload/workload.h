// A workload: frames with the time each is to be sent at, in memory, ready to be replayed as often as
// one likes. Made by generator.h or from a capture; sent by sim/replay.
//
// Invariants:
//   1. TimedFrame::bytes points into memory that the workload owns and never moves: spans stay valid as
//      long as the workload lives, also when it is moved.
//   2. After sort_by_time() the frames are in order of time; frames of equal time keep the order in which
//      they were added.
// Times start at 0; a sender adds its own start. Memory is taken in chunks, not per frame.
//
// Thread safety: building needs one thread; afterwards any number may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/packet/address.h"
#include "sim/workload/frame_kind.h"

namespace penstock {

// Which shred a frame carries; all zero for frames that carry none.
struct FrameOrigin {
  std::uint32_t set = 0;     // number of the FEC set in this run, from 0
  std::uint16_t parent = 0;  // rank of the sending node
  std::uint8_t member = 0;   // 0..31 data, 32..63 code
  std::uint8_t copy = 0;     // 0: first, 1: a duplicate
  bool operator==(const FrameOrigin&) const = default;
};

struct TimedFrame {
  Nanoseconds at = 0;
  FrameKind kind = FrameKind::kCaptured;
  FrameOrigin origin{};
  std::span<const std::byte> bytes{};  // from the Ethernet header, without FCS
};

// The two ends of the link that a workload is made for.
struct LinkAddresses {
  MacAddress sender_mac{};
  MacAddress receiver_mac{};
  Ipv4Address receiver{};
};

// How a workload was made: enough to make it again.
struct WorkloadInfo {
  std::string profile{};  // or the name of the capture
  std::uint64_t seed = 0;
  LinkAddresses link{};
  std::uint16_t tvu_port = 0;
};

class Workload {
 public:
  explicit Workload(WorkloadInfo info) : info_(std::move(info)) {}
  Workload(Workload&&) noexcept = default;
  Workload& operator=(Workload&&) noexcept = default;

  const WorkloadInfo& info() const { return info_; }
  std::span<const TimedFrame> frames() const { return frames_; }
  std::uint64_t bytes() const;
  // Time of the last frame; 0 when there is none.
  Nanoseconds duration() const;

  // Memory for one frame, owned by the workload and not initialised. At most kChunkBytes.
  std::span<std::byte> allocate(std::size_t bytes);
  // `frame.bytes` must come from allocate() of this workload.
  void add(const TimedFrame& frame) { frames_.push_back(frame); }
  // Copies `bytes` in and adds them as a frame.
  void add_copy(Nanoseconds at, FrameKind kind, std::span<const std::byte> bytes);
  // The bytes of frame i, for changing them in place.
  std::span<std::byte> bytes_of(std::size_t i) {
    // They are this object's own, handed out by allocate().
    return {const_cast<std::byte*>(frames_[i].bytes.data()), frames_[i].bytes.size()};
  }
  // Drops, reorders or repeats frames: every element must come from this workload.
  void replace_frames(std::vector<TimedFrame> frames) { frames_ = std::move(frames); }
  void sort_by_time();

  static constexpr std::size_t kChunkBytes = std::size_t{4} << 20;

 private:
  WorkloadInfo info_;
  std::vector<TimedFrame> frames_;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::size_t chunk_used_ = kChunkBytes;
};

// SHA-256 over time, kind, length and bytes of every frame in order, as 64 hexadecimal digits. What "same
// seed, same bytes, same nanoseconds" is checked with.
std::string fingerprint(const Workload& workload);

}  // namespace penstock
