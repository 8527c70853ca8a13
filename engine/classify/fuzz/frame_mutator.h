// Frames for differential tests of the classifier: good frames of every kind that it knows, mutated
// field by field and byte by byte, from a seed.
//
//   FrameMutator frames(config, {.seed = 1});
//   for (int i = 0; i < 1'000'000; ++i)
//     check(frames.next());
//
// Contract
//   1. Frame N depends on the target, the seed and N only, so that a failure is repeated alone:
//      {.seed = S, .first = N}. Integers only (engine/base/random.h): the same bytes on any machine.
//   2. A frame has min_bytes to max_bytes bytes; the default is what BPF_PROG_TEST_RUN takes.
//   3. Under any target at least 20 % of the frames are taken, and each reason that its policy can
//      give comes at least 1,000 times in a million (frame_mutator_test.cc).
//   4. Each frame carries its number: N mod 65,536 in the IPv4 identification, and N as 8 bytes in
//      network order at the start of the payload (FrameMutator::kTag), as far as it is long enough.
//      Byte-wise mutations may overwrite both; switch them off where the number is needed.
//
// The target is whom the frames are for: ports, MAC, addresses, longest frame, options. What it leaves
// open (a MAC, addresses) is filled in.
//
// Thread safety: none; one mutator, one thread. next() does not allocate once its buffers have grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/classify/classifier.h"
#include "engine/classify/fuzz/frame_parts.h"

namespace penstock {

struct MutatorOptions {
  std::uint64_t seed = 1;
  std::uint64_t first = 0;  // number of the frame that the first next() makes
  std::size_t min_bytes = kMinMutatedFrame;
  std::size_t max_bytes = kMaxMutatedFrame;
  bool bytewise = true;  // byte-wise mutations as well
};

class FrameMutator {
 public:
  static constexpr std::size_t kTag = 8;

  // REQUIRES: kMinMutatedFrame <= min_bytes <= max_bytes <= kMaxMutatedFrame; a port.
  explicit FrameMutator(ClassifierConfig target, const MutatorOptions& options = {});

  // The next frame; valid until the next call.
  std::span<const std::byte> next();

  // The number of the frame that next() gave last.
  std::uint64_t number() const { return next_ - 1; }

 private:
  // Frames are drawn in blocks, each with random numbers of its own: seeding costs as much as 30 frames.
  static constexpr std::uint64_t kBlock = 256;

  void begin_block();

  ClassifierConfig target_;
  MutatorOptions options_;
  std::uint64_t next_ = 0;
  Random random_;
  std::vector<std::byte> noise_;    // random bytes, drawn once a block: payloads are pieces of it
  std::vector<std::byte> payload_;  // of the frame in the making
  std::vector<std::byte> frame_;
};

}  // namespace penstock
