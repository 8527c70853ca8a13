// Payloads that may change while they are read: any alignment, and torn at any time.
#include "engine/shred/incoming.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/recording_observer.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using testing::make_signed_set;
using testing::SignedSet;

struct Answer final : Recheck {
  explicit Answer(bool is_whole) : whole(is_whole) {}
  bool still_whole() override {
    ++asked;
    return whole;
  }
  bool whole;
  int asked = 0;
};

// A frame that holds a payload at any alignment, mapped in whole words.
class Frame {
 public:
  std::span<const std::byte> hold(std::span<const std::byte> payload, std::size_t offset) {
    std::copy(payload.begin(), payload.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    return std::span(bytes_).subspan(offset, payload.size());
  }

 private:
  alignas(64) std::array<std::byte, 2048> bytes_{};
};

TEST(Incoming, ReadsTheSameAtAnyAlignment) {
  std::vector<std::byte> payload(1228);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<std::byte>(i * 7);
  for (std::size_t offset = 0; offset < 16; ++offset) {
    for (const std::size_t size : {0u, 1u, 7u, 8u, 88u, 1203u, 1228u}) {
      const auto wanted = std::span(payload).first(size);
      Frame frame;
      Answer answer(true);
      Incoming incoming(frame.hold(wanted, offset), answer);
      const auto head = incoming.head();
      EXPECT_TRUE(std::equal(head.begin(), head.end(), wanted.begin())) << offset;
      EXPECT_EQ(head.size(), std::min<std::size_t>(size, 89));
      std::array<std::byte, 1300> place{};
      const auto inside = std::span(place).subspan(32, size);
      incoming.copy_to(inside);
      EXPECT_TRUE(std::equal(inside.begin(), inside.end(), wanted.begin())) << offset;
      EXPECT_TRUE(incoming.begins_with(inside));
      if (size > 0) {
        for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
          inside[at] ^= std::byte{1};
          EXPECT_FALSE(incoming.begins_with(inside)) << offset << " " << at;
          inside[at] ^= std::byte{1};
        }
      }
    }
  }
}

TEST(Incoming, WordsOutsideAreNotCompared) {
  Frame frame;
  std::vector<std::byte> payload(1203, std::byte{0x11});
  Answer answer(true);
  Incoming incoming(frame.hold(payload, 42), answer);
  std::array<std::byte, 1300> place;
  place.fill(std::byte{0xee});
  std::fill_n(place.begin() + 32, 1203, std::byte{0x11});
  EXPECT_TRUE(incoming.begins_with(std::span(place).subspan(32, 1203)));
}

class TornTest : public ::testing::Test {
 protected:
  AddResult add(std::span<const std::byte> shred, bool whole) {
    Answer answer(whole);
    Incoming incoming(frame_.hold(shred, 42), answer);
    const AddResult result = resolver_.add(incoming);
    EXPECT_EQ(answer.asked, 1);  // never decided without asking
    EXPECT_EQ(resolver_.counts().added, resolver_.counts().accounted());
    return result;
  }

  Frame frame_;
  FixedLeader leader_{public_key_of(testing::test_leader(0))};
  testing::RecordingObserver seen_;
  FecResolver resolver_{
      {.max_open_sets = 2, .reuse_after = 2, .history = 8, .held_sets = 2, .negative_cells = 8},
      &leader_,
      &seen_};
};

TEST_F(TornTest, AWholeSetFromFramesIsTheSameSet) {
  const SignedSet set = make_signed_set({});
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_EQ(add(set.shreds[i], true).outcome, i < 32 ? ShredOutcome::kAccepted : ShredOutcome::kLate) << i;
  }
  ASSERT_EQ(seen_.sets.size(), 1u);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(seen_.sets.begin()->second.shreds[i], set.shreds[i]);
}

TEST_F(TornTest, ATornPayloadChangesAndCountsNothingWhateverItIs) {
  const SignedSet set = make_signed_set({});
  auto forged = set.shreds[0];
  forged[3] ^= std::byte{1};
  const auto all_torn = [&] {
    for (const auto& shred : set.shreds)
      EXPECT_EQ(add(shred, false).outcome, ShredOutcome::kTorn);
    EXPECT_EQ(add(forged, false).outcome, ShredOutcome::kTorn);
    EXPECT_EQ(add(std::span(forged).first(70), false).outcome, ShredOutcome::kTorn);
  };
  all_torn();
  EXPECT_EQ(resolver_.counts().added, 0u);
  EXPECT_EQ(resolver_.open_sets(), 0u);
  EXPECT_EQ(resolver_.counts().signature_checks, 0u);
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_EQ(add(set.shreds[i], true).outcome, ShredOutcome::kAccepted);
  all_torn();
  // A torn copy in an unseen member's place does not stay.
  auto torn = set.shreds[25];
  torn[700] ^= std::byte{1};
  EXPECT_EQ(add(torn, false).outcome, ShredOutcome::kTorn);
  for (std::size_t i = 20; i < 32; ++i)
    EXPECT_EQ(add(set.shreds[i], true).outcome, ShredOutcome::kAccepted);
  all_torn();
  EXPECT_EQ(add(set.shreds[40], true).outcome, ShredOutcome::kLate);
  EXPECT_EQ(resolver_.counts().added, 33u);
  EXPECT_EQ(seen_.late.size(), 1u);
  ASSERT_EQ(seen_.sets.size(), 1u);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(seen_.sets.begin()->second.shreds[i], set.shreds[i]);
}

}  // namespace
}  // namespace penstock
