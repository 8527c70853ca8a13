// What passes over the control socket of a running engine: one request and one answer, each a message of
// SOCK_SEQPACKET, whose boundaries are the kernel's.
//
//   request   the command as a word, as below
//   answer    '+' done or '-' not done, and behind it lines for a reader
//
// Thread safety: values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock {

constexpr std::string_view kReloadRequest = "reload";
constexpr std::string_view kSwapRequest = "swap-programs";

constexpr std::size_t kMostRequest = 256;    // bytes
constexpr std::size_t kMostAnswer = 16'384;  // bytes; the rest of a longer one is cut off

struct ControlAnswer {
  bool done = false;
  std::string text{};  // lines, without an end of line behind the last
};

}  // namespace penstock
