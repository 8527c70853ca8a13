// What the receive loop hands out, over links: order, places, and where every frame is (law 3).
#include "engine/tiles/port_links.h"

#include <cstring>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/receive/testing/xsk_rig.h"

namespace penstock {
namespace {

constexpr std::uint16_t kPorts[] = {8003, 8701};  // row_classifier()'s

// A frame for the n-th port that carries a number.
std::vector<std::byte> numbered_frame(std::size_t port_index, std::uint32_t number) {
  std::vector<std::byte> frame = taken_frame(64);
  frame[36] = std::byte(kPorts[port_index] >> 8);
  frame[37] = std::byte(kPorts[port_index] & 0xff);
  std::memcpy(frame.data() + 42, &number, sizeof(number));
  return frame;
}

class PortLinksTest : public testing::TestWithParam<std::size_t> {
 protected:
  static constexpr std::uint32_t kFramesPerQueue = 16;
  std::size_t depth() const { return GetParam(); }

  // Delivers, polls, publishes, gives back.
  void pass(int queue, std::size_t port_index, std::uint32_t number) {
    ASSERT_EQ(rig_.deliver(queue, numbered_frame(port_index, number)), FakeKernel::Outcome::kQueued);
    rig_.receive().give_back(links_.take(rig_.receive().poll()));
    expect_frames_conserved();
  }
  void expect_frames_conserved() {
    std::vector<Frag> in_lines;
    for (std::size_t i = 0; i < links_.links(); ++i) {
      for (const McacheLine& line : links_.lines(i))
        in_lines.push_back(internal::load_meta<Frag>(line));
    }
    rig_.expect_frames_conserved(in_lines);
  }
  std::uint32_t number_of(const Frag& frag) const {
    std::uint32_t number = 0;
    std::memcpy(&number, rig_.payload(frag).data(), sizeof(number));
    return number;
  }

  XskRig rig_{Filter::kUserspace,
              {.queues = 2,
               .rx_entries = 8,
               .frames_per_queue = kFramesPerQueue,
               .consumer_frames = static_cast<std::uint32_t>(2 * depth())}};
  PortLinks links_{2, depth(), rig_.first_consumer_frame()};
};

TEST_P(PortLinksTest, EachPortsDatagramsComeInOrderOnItsOwnLink) {
  Fseq fseq[2];
  McacheConsumer<Frag> first(links_.lines(0), fseq[0]), second(links_.lines(1), fseq[1]);
  for (std::uint32_t i = 0; i < 300; ++i) {
    const std::size_t port_index = i % 3 == 0 ? 1 : 0;
    pass(static_cast<int>(i / 7 % 2), port_index, i);
    McacheConsumer<Frag>& mine = port_index == 0 ? first : second;
    McacheConsumer<Frag>& other = port_index == 0 ? second : first;
    Frag frag;
    ASSERT_TRUE(mine.poll(frag));
    EXPECT_EQ(number_of(frag), i);
    EXPECT_EQ(frag.port_index, port_index);
    EXPECT_EQ(frag.destination_port, kPorts[port_index]);
    EXPECT_TRUE(mine.accept());
    EXPECT_FALSE(other.poll(frag));
  }
  EXPECT_EQ(links_.published(0), 200u);
  EXPECT_EQ(links_.published(1), 100u);
}

// One queue has all the traffic: were the displaced frames given back to where they came from themselves, it
// would run dry and the other overflow.
TEST_P(PortLinksTest, EachQueueKeepsItsNumberOfFrames) {
  std::uint32_t number = 0;
  for (int round = 0; round < 10; ++round) {
    for (std::uint32_t i = 0; i < kFramesPerQueue; ++i, ++number)
      pass(round % 5 == 4 ? 1 : 0, number % 2, number);
  }
  for (int queue = 0; queue < 2; ++queue) {
    for (std::uint32_t i = 0; i < 8; ++i)
      EXPECT_EQ(rig_.deliver(queue, numbered_frame(0, i)), FakeKernel::Outcome::kQueued) << queue << ' ' << i;
    rig_.receive().give_back(links_.take(rig_.receive().poll()));
  }
  expect_frames_conserved();
}

// A port that is listed later has the link of one that has gone, or shares one.
TEST_P(PortLinksTest, APortIsAssignedALinkWhileFramesStayInTheirs) {
  links_.assign(1, 0);
  pass(0, 0, 1);
  pass(1, 1, 2);
  EXPECT_EQ(links_.published(0), 2u);
  EXPECT_EQ(links_.published(1), 0u);
  links_.assign(0, 1);
  pass(0, 0, 3);
  EXPECT_EQ(links_.published(1), 1u);
  EXPECT_DEATH(links_.assign(2, 2), "link < ");
}

TEST_P(PortLinksTest, MarksTheFirstFragOfEachLinkInABatch) {
  pass(0, 0, 0);
  for (const std::size_t port_index : {0, 1, 0})
    ASSERT_EQ(rig_.deliver(0, numbered_frame(port_index, 9)), FakeKernel::Outcome::kQueued);
  const std::span<const Frag> batch = rig_.receive().poll();
  ASSERT_EQ(batch.size(), 3u);
  links_.mark(batch, 70);
  rig_.receive().give_back(links_.take(batch));
  for (std::uint64_t link = 0; link < 2; ++link) {
    LinkMarkReader reader(links_.marks(link));
    std::vector<Nanoseconds> times;
    const std::uint64_t marked = 1 - link;  // of the first link the second, of the other the first
    reader.pass(marked, [&](Nanoseconds time) { times.push_back(time); });
    EXPECT_TRUE(times.empty());
    reader.pass(marked + 1, [&](Nanoseconds time) { times.push_back(time); });
    EXPECT_EQ(times, std::vector<Nanoseconds>{70});
  }
}

TEST_P(PortLinksTest, AConsumerThatIsOverrunKnowsByHowMuch) {
  Fseq fseq;
  McacheConsumer<Frag> slow(links_.lines(0), fseq);
  for (std::uint32_t i = 0; i < 500; ++i)
    pass(0, 0, i);
  std::uint64_t accepted = 0;
  for (Frag frag; slow.poll(frag);) {
    EXPECT_EQ(number_of(frag), slow.next());
    accepted += slow.accept() ? 1 : 0;
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_EQ(accepted + slow.lost(), links_.published(0));
}

INSTANTIATE_TEST_SUITE_P(Depths, PortLinksTest, testing::Values(4u, 16u, 128u));

}  // namespace
}  // namespace penstock
