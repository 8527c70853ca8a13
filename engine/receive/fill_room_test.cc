// Room in the fill ring, at the moments at which there seems to be none.
#include <array>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/receive/xsk_receive.h"
#include "engine/xsk/testing/fake_kernel.h"
#include "engine/xsk/umem.h"

namespace penstock {
namespace {

// As xsk_flush() does it: the RX ring is shown first, then how far the fill ring was taken; and between the
// two the kernel's CPU stands still.
TEST(FillRoom, GivesBackBeforeTheKernelHasShownWhatItTook) {
  constexpr std::uint32_t kFrames = 8;
  Umem umem = *Umem::create(kFrames + 4);
  FakeKernel kernel(umem.memory());
  Counters counters;
  const FakeKernel::Socket socket = kernel.add_queue({.rx_entries = 8, .fill_entries = 2 * kFrames});
  XskReceive::Queue queue{socket.fd, FillRing(socket.fill), RxRing(socket.rx)};
  for (std::uint32_t frame = 0; frame < kFrames; ++frame)
    queue.fill.push(umem.memory().address_of(frame));
  queue.fill.submit();
  XskReceive receive({.filter = Filter::kKernel}, *Classifier::create(row_classifier()), umem.memory(),
                     {queue}, kernel, counters);
  for (int round = 0; round < 10; ++round) {
    const std::uint32_t before = *socket.fill.consumer;
    for (std::uint32_t i = 0; i < kFrames; ++i)
      ASSERT_EQ(kernel.deliver(socket.fd, taken_frame(100)), FakeKernel::Outcome::kQueued);
    kernel.flush(socket.fd);
    const std::uint32_t after = std::exchange(*socket.fill.consumer, before);
    const std::span<const Frag> frags = receive.poll();
    EXPECT_EQ(frags.size(), kFrames);
    receive.give_back(frags);
    *socket.fill.consumer = after;
  }
}

}  // namespace
}  // namespace penstock
