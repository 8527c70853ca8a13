// The ring in one thread: order, overrun by exact numbers, the free-list trick.
#include "engine/mcache/mcache.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "engine/mcache/copy.h"

namespace penstock {
namespace {

struct Meta {
  std::uint64_t frame, number, check;
};

class McacheTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::size_t kDepth = 8;

  Meta publish() {
    const std::uint64_t number = producer_.next();
    return producer_.publish({100 + number - GetParam(), number, ~number});
  }
  // What a consumer gets when it takes all there is.
  static std::vector<std::uint64_t> take_all(McacheConsumer<Meta>& consumer) {
    std::vector<std::uint64_t> numbers;
    Meta meta;
    while (consumer.poll(meta)) {
      EXPECT_EQ(meta.check, ~meta.number);
      if (consumer.accept()) numbers.push_back(meta.number);
    }
    return numbers;
  }
  std::vector<std::uint64_t> from_first(std::initializer_list<std::uint64_t> offsets) const {
    std::vector<std::uint64_t> numbers;
    for (const std::uint64_t offset : offsets)
      numbers.push_back(GetParam() + offset);
    return numbers;
  }

  McacheMemory memory_{kDepth};
  McacheProducer<Meta> producer_{memory_.lines(), [](std::uint64_t i) { return Meta{i, 0, 0}; }, GetParam()};
  Fseq fseq_;
  McacheConsumer<Meta> consumer_{memory_.lines(), fseq_, GetParam()};
};

TEST_P(McacheTest, AnEmptyRingGivesNothing) {
  Meta meta;
  EXPECT_FALSE(consumer_.poll(meta));
  EXPECT_EQ(consumer_.lost(), 0u);
}

TEST_P(McacheTest, GivesEveryFragInOrderToEveryConsumer) {
  Fseq other_fseq;
  McacheConsumer<Meta> other(memory_.lines(), other_fseq, GetParam());
  for (int round = 0; round < 5; ++round) {
    const std::uint64_t first = producer_.next();
    for (int i = 0; i < 3; ++i)
      publish();
    EXPECT_EQ(take_all(consumer_), (std::vector{first, first + 1, first + 2}));
  }
  EXPECT_EQ(other.lost(), 0u);
  EXPECT_FALSE(take_all(other).empty());
  EXPECT_EQ(other.next(), producer_.next());
  EXPECT_GT(other.lost(), 0u) << "15 frags in a ring of 8";
}

TEST_P(McacheTest, PeeksAtWhatIsThereAndTakesNothing) {
  Meta meta;
  EXPECT_FALSE(consumer_.peek(0, meta));
  publish();
  publish();
  EXPECT_TRUE(consumer_.peek(1, meta));
  EXPECT_EQ(meta.number, GetParam() + 1);
  EXPECT_FALSE(consumer_.peek(2, meta));
  EXPECT_EQ(take_all(consumer_), from_first({0, 1}));
}

TEST_P(McacheTest, AFullRingLosesNothingAndOneMoreLosesByExactNumbers) {
  for (std::size_t i = 0; i < kDepth; ++i)
    publish();
  McacheConsumer<Meta> copy = consumer_;
  EXPECT_EQ(take_all(consumer_), from_first({0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(consumer_.lost(), 0u);

  publish();  // takes the place of frag 0: half a ring behind it is frag 4
  EXPECT_EQ(take_all(copy), from_first({4, 5, 6, 7, 8}));
  EXPECT_EQ(copy.lost(), 4u);
}

TEST_P(McacheTest, AcceptedAndLostAddUpHoweverFarBehind) {
  for (const int published : {1, 9, 20, 1000}) {
    const std::uint64_t first = producer_.next(), lost = consumer_.lost();
    for (int i = 0; i < published; ++i)
      publish();
    const std::size_t accepted = take_all(consumer_).size();
    EXPECT_EQ(accepted + consumer_.lost() - lost, producer_.next() - first);
    EXPECT_GE(accepted, std::min<std::size_t>(static_cast<std::size_t>(published), kDepth / 2));
  }
  consumer_.show();
  EXPECT_EQ(fseq_.next.load(), producer_.next());
  EXPECT_EQ(fseq_.lost.load(), consumer_.lost());
}

TEST_P(McacheTest, AFragThatIsOverwrittenBetweenPollAndAcceptIsLost) {
  publish();
  Meta meta;
  ASSERT_TRUE(consumer_.poll(meta));
  for (std::size_t i = 0; i < kDepth; ++i)
    publish();
  EXPECT_FALSE(consumer_.accept());
  EXPECT_EQ(consumer_.lost(), 1u);
  EXPECT_EQ(take_all(consumer_), from_first({1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_P(McacheTest, AFragStaysUntilItIsAccepted) {
  publish();
  publish();
  Meta first, again;
  ASSERT_TRUE(consumer_.poll(first));
  ASSERT_TRUE(consumer_.poll(again));
  EXPECT_EQ(first.number, again.number);
}

TEST_P(McacheTest, ALineThatIsBeingWrittenIsNeitherOldNorNew) {
  publish();
  memory_.lines()[GetParam() % kDepth].sequence.store(GetParam() + kDepth - 1);  // step 1 of publish
  Meta meta;
  for (std::size_t i = 1; i < kDepth; ++i)
    publish();
  ASSERT_TRUE(consumer_.poll(meta)) << "it goes on where the ring is whole";
  EXPECT_EQ(meta.number, GetParam() + kDepth / 2 - 1);
  EXPECT_EQ(consumer_.lost(), kDepth / 2 - 1);
}

// The lines are the list of the frames in consumers' hands: one in, one out, each frame in one place.
TEST_P(McacheTest, PublishingSetsExactlyOneFrameFree) {
  std::vector<std::uint64_t> free(4);
  std::iota(free.begin(), free.end(), kDepth);  // the lines hold 0 .. 7
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t frame = free.front();
    free.erase(free.begin());
    free.push_back(producer_.publish({frame, 0, 0}).frame);
    std::vector<std::uint64_t> all = free;
    for (const McacheLine& line : memory_.lines())
      all.push_back(internal::load_meta<Meta>(line).frame);
    std::sort(all.begin(), all.end());
    std::vector<std::uint64_t> expected(kDepth + 4);
    std::iota(expected.begin(), expected.end(), 0u);
    ASSERT_EQ(all, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(FirstNumbers, McacheTest, testing::Values(0u, 5u, ~std::uint64_t{0} - 3));

TEST(McacheDeathTest, DepthIsAPowerOfTwoOfAtLeastFour) {
  const auto make = [](std::size_t depth) {
    const McacheMemory memory(depth);
    McacheProducer<Meta>(memory.lines(), [](std::uint64_t) { return Meta{}; });
  };
  make(4);
  EXPECT_DEATH(make(2), "kMinMcacheDepth");
  EXPECT_DEATH(make(12), "has_single_bit");
}

TEST(CopySpeculatively, CopiesAnyLengthFromAnyOffset) {
  alignas(8) std::array<std::byte, 64> frame;
  alignas(8) std::array<std::byte, 64> buffer;
  for (std::size_t i = 0; i < frame.size(); ++i)
    frame[i] = static_cast<std::byte>(i);
  for (std::size_t offset = 0; offset < 16; ++offset) {
    for (std::size_t length = 0; length <= 40; ++length) {
      const auto copy = copy_speculatively(std::span(frame).subspan(offset, length), buffer);
      ASSERT_EQ(copy.size(), length);
      ASSERT_TRUE(std::equal(copy.begin(), copy.end(), frame.begin() + static_cast<std::ptrdiff_t>(offset)));
    }
  }
}

TEST(CopySpeculatively, RefusesABufferTooSmall) {
  alignas(8) std::array<std::byte, 64> frame{};
  alignas(8) std::array<std::byte, 16> buffer;
  EXPECT_DEATH(copy_speculatively(std::span(frame).subspan(1, 16), buffer), "buffer.size");
}

TEST(OverwriteFrame, WritesThePayloadAndNoFurtherWord) {
  for (std::size_t length = 0; length <= 24; ++length) {
    alignas(8) std::array<std::byte, 40> frame;
    frame.fill(std::byte{0xff});
    const std::vector<std::byte> payload(length, std::byte{7});
    overwrite_frame(frame.data(), payload);
    for (std::size_t i = 0; i < frame.size(); ++i) {
      const std::byte expected = i < length                 ? std::byte{7}
                                 : i < (length + 7) / 8 * 8 ? std::byte{0}
                                                            : std::byte{0xff};
      ASSERT_EQ(frame[i], expected) << length << " bytes, at " << i;
    }
  }
}

}  // namespace
}  // namespace penstock
