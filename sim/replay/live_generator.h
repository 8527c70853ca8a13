// The program of a live-frame sender (bpf/generator.bpf.c), loaded, with the two memories that it shares.
//
// Ownership: owns all three. Thread safety: one thread; the program is the other side (slot_ring.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bpf/generator.h"
#include "engine/base/result.h"
#include "sim/replay/report.h"
#include "sim/replay/schedule.h"

struct generator;  // the skeleton

namespace penstock {

class LiveGenerator {
 public:
  LiveGenerator() = default;
  LiveGenerator(const LiveGenerator&) = delete;
  LiveGenerator& operator=(const LiveGenerator&) = delete;
  ~LiveGenerator();

  // Once. `slots`: a power of two; `frames`: of each sender; `same`: all of them are one.
  Status load(const ReplayConfig& config, std::uint32_t slots, const Schedule& schedule, std::uint64_t frames,
              bool same);

  // After load().
  int program_fd() const;
  std::span<penstock_slot> slots() const { return {slots_, slots_count_}; }
  // Of the sender on the n-th CPU.
  penstock_generator& shared(std::size_t n) const;
  std::span<const std::uint32_t> windows(std::size_t n) const;

 private:
  generator* skeleton_ = nullptr;
  penstock_slot* slots_ = nullptr;
  std::size_t slots_count_ = 0;
};

}  // namespace penstock
