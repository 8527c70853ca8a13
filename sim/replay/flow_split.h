// Which of two interfaces a frame leaves by: that of its flow, so that the order in a flow stays.
//
// Thread safety: pure.
#pragma once

#include <cstddef>
#include <numeric>
#include <span>

namespace penstock {

// By the source's address, fragments too: their later ones have no ports. What is not IPv4 goes by the first.
inline bool takes_second(std::span<const std::byte> frame) {
  constexpr std::size_t kEtherType = 12, kSource = 26, kEnd = 30;
  if (frame.size() < kEnd || frame[kEtherType] != std::byte{0x08} || frame[kEtherType + 1] != std::byte{0})
    return false;
  const std::span<const std::byte> source = frame.subspan(kSource, kEnd - kSource);
  return std::accumulate(source.begin(), source.end(), 0U,
                         [](unsigned sum, std::byte each) { return sum + std::to_integer<unsigned>(each); }) %
             2 ==
         1;
}

}  // namespace penstock
