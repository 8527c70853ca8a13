// A ring of memory that is not in use: taken at one end, given back at the other.
#include "engine/shred/set_memory.h"

#include <numeric>

#include "engine/base/check.h"

namespace penstock {

// Not value-initialised: that would touch every page.
SetMemoryPool::SetMemoryPool(std::size_t max_open, std::size_t reuse_after)
    : max_open_(max_open),
      size_(max_open + reuse_after),
      sets_(new SetMemory[max_open + reuse_after]),
      ring_(max_open + reuse_after) {
  PENSTOCK_CHECK(max_open > 0);
  std::iota(ring_.begin(), ring_.end(), 0);
}

// The ring holds size_ - open_ entries. With open_ < max_open_ that is more than reuse_after, so at least
// reuse_after sets were retired behind the one that is taken.
std::uint32_t SetMemoryPool::take() {
  PENSTOCK_CHECK(open_ < max_open_);
  ++open_;
  const std::uint32_t index = ring_[next_];
  next_ = (next_ + 1) % size_;
  return index;
}

void SetMemoryPool::retire(std::uint32_t index) {
  PENSTOCK_CHECK(open_ > 0);
  // Behind the last entry: the ring's free places are the open_ ones in front of next_.
  ring_[(next_ + size_ - open_) % size_] = index;
  --open_;
}

}  // namespace penstock
