// What a thread does when there is nothing to do.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock {

enum class WaitStrategy : std::uint8_t {
  kBlock,     // sleeps in the kernel until a frame comes
  kAdaptive,  // goes on asking for about a millisecond, then sleeps
  kSpin,      // goes on asking
  kBusyPoll,  // has the kernel receive within its own calls (Receiver::drive), and goes on
};

constexpr std::string_view to_string(WaitStrategy strategy) {
  switch (strategy) {
    case WaitStrategy::kBlock:
      return "block";
    case WaitStrategy::kAdaptive:
      return "adaptive";
    case WaitStrategy::kSpin:
      return "spin";
    case WaitStrategy::kBusyPoll:
      return "busy_poll";
  }
  return "";
}

}  // namespace penstock
