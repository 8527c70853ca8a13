// The link from the shred tile to the capture tile: each payload that the stage has judged, in a copy of its
// own, with the verdict.
//
//   net tile -> links -> shred tile -> VerdictLink -> capture tile -> files
//
// A copy lies in its chunk as the net tile's frames do in theirs: the frame, or the payload alone where a
// socket received it, from kXdpHeadroom on. Its frag is the net tile's but for the verdict, which stands
// where that has queue and place of the port: nobody behind the stage asks for these.
//
// Nobody waits: a capture that is too slow is overrun, and counts it. As with every link the lines hold the
// frames (mcache.h), and the one that is in no line is the next to be written.
//
// Memory: a chunk for each line and one more. Ownership: owns lines and chunks, which must outlive the
// consumer. Thread safety: publish() from one thread; lines() and memory() are constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/mcache/mcache.h"
#include "engine/receive/receiver.h"
#include "engine/shred/fec_resolver.h"
#include "engine/xsk/umem.h"

namespace penstock {

class VerdictLink {
 public:
  // `depth`: lines, a power of two, at least 4. `frame_bytes`: of the receiver's chunks. Errors: as
  // Umem::create().
  static Result<std::unique_ptr<VerdictLink>> create(std::size_t depth, std::uint32_t frame_bytes);

  // `bytes`: what with_headers(frag) names, in a copy that stays. They fit a chunk as they did the
  // receiver's.
  void publish(Frag frag, std::span<const std::byte> bytes, const AddResult& verdict);

  std::span<const McacheLine> lines() const { return lines_.lines(); }
  const FrameMemory& memory() const { return umem_.memory(); }

 private:
  VerdictLink(std::size_t depth, Umem umem);

  Umem umem_;
  McacheMemory lines_;
  McacheProducer<Frag> link_;
  std::uint32_t free_;  // the frame that is in no line
};

// Of a frag of such a link.
AddResult verdict_of(const Frag& frag);

// For who reads the capture: "accepted", "refused: merkle (Merkle proof does not lead ...)".
std::string text_of(const AddResult& verdict);

}  // namespace penstock
