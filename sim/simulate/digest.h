// A running digest of what happened in a simulated run: numbers in order. Two runs that differ anywhere
// differ in it. The finaliser of SplitMix64 over a running state; no cryptographic strength is meant.
#pragma once

#include <cstdint>

namespace penstock {

class SimDigest {
 public:
  void add(std::uint64_t number) {
    state_ += number + 0x9e3779b97f4a7c15;
    state_ = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9;
    state_ = (state_ ^ (state_ >> 27)) * 0x94d049bb133111eb;
    state_ ^= state_ >> 31;
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace penstock
