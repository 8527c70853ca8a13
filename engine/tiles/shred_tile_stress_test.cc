// The shred tile against a producer in another thread that laps it again and again, over frames that are
// filled anew as soon as the link gives them back: whatever was torn is an overrun, and never a bad proof.
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/mcache/copy.h"
#include "engine/shred/testing/signed_set.h"
#include "engine/tiles/shred_tile.h"

namespace penstock {
namespace {

constexpr std::uint32_t kDepth = 8;
constexpr std::uint16_t kOffset = 256 + 42 - 2;  // whole words, as overwrite_frame() writes them
constexpr std::uint64_t kWanted = 1'000;         // payloads that the tile must have taken whole

Frag initial(std::uint64_t i) {
  Frag frag;
  frag.frame = static_cast<std::uint32_t>(i);
  return frag;
}

TEST(ShredTileStress, TornFramesAreOverrunsAndNothingElse) {
  std::vector<testing::SignedSet> sets;
  for (std::uint32_t s = 0; s < 16; ++s)
    sets.push_back(testing::make_signed_set({.fec_set_index = 32 * s, .seed = s}));
  const Umem umem = *Umem::create(kDepth + 1);
  McacheMemory lines(kDepth);
  McacheProducer<Frag> link(lines.lines(), initial);
  const FixedLeader leader(public_key_of(testing::test_leader(0)));
  const ShredLink input{lines.lines(), umem.memory()};
  // Remembers less than there is, so that sets open, finish and come again.
  ShredTile tile({.max_open_sets = 4, .reuse_after = 2, .history = 4, .held_sets = 4, .negative_cells = 8},
                 {&input, 1}, &leader, nullptr);

  std::atomic<bool> stop{false};
  std::jthread producer([&] {
    std::uint32_t free = kDepth;
    for (std::size_t n = 0; !stop; ++n) {
      const auto& shred = sets[n / 64 % sets.size()].shreds[n % 64];
      overwrite_frame(umem.memory().base + umem.memory().address_of(free) + kOffset, shred);
      Frag frag;
      frag.frame = free;
      frag.offset = kOffset;
      frag.length = static_cast<std::uint16_t>(shred.size());
      free = link.publish(frag).frame;
      if (n % 4 == 0) std::this_thread::yield();  // or a single core would only ever show whole laps
    }
  });
  while (tile.counters().get(Counter::kShredConsumed) < kWanted)
    tile.step(0);
  stop = true;
  producer.join();
  while (tile.step(0) != 0) {
  }

  const CounterSnapshot c = tile.counters().snapshot();
  const ResolverCounts counts(c);
  EXPECT_EQ(link.next(), counts.added + c.overrun(Consumer::kShred));
  EXPECT_EQ(counts.added, counts.accounted());
  EXPECT_EQ(c.sum(Counter::kShredDiscarded), 0u);
  EXPECT_GT(c.overrun(Consumer::kShred), 0u);
  EXPECT_GT(counts.accepted, 0u);
}

}  // namespace
}  // namespace penstock
