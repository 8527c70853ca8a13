// The judge alone: what it must object to.
#include "sim/simulate/judge.h"

#include <array>
#include <numeric>

#include <gtest/gtest.h>

#include "engine/classify/testing/plain_model.h"
#include "sim/simulate/frames.h"

namespace penstock {
namespace {

constexpr std::array<std::uint8_t, 3> kPlaces = {0, 1, 2};

struct Case {
  explicit Case(Filter filter = Filter::kKernel) : judge(filter, PENSTOCK_SCOPE_ALL, 2, 1472) {
    judge.set_program_ports(kSimPorts);
    judge.set_engine_ports(kSimPorts, kPlaces);
  }

  // A good datagram comes in on queue 0; its frag, as the engine would make it.
  Frag arrive(std::uint32_t number) {
    frame = SimFrames(1).bytes_of({.number = number});
    judge.arrived(frame, 0);
    const Verdict verdict = plain_verdict(sim_classifier(), frame);
    payload = std::span<const std::byte>(frame).subspan(verdict.payload.offset, verdict.payload.length);
    Frag frag;
    frag.source = {{198, 18, 0, 0}};
    frag.destination = {{192, 0, 2, 2}};
    frag.source_port = 1024;
    frag.destination_port = kSimPorts[0];
    return frag;
  }

  SimJudge judge;
  std::vector<std::byte> frame;
  std::span<const std::byte> payload;
};

TEST(SimJudge, TakesWhatIsRight) {
  Case c;
  const Frag frag = c.arrive(1);
  EXPECT_EQ(c.judge.delivered(frag, c.payload), std::nullopt);
  EXPECT_EQ(c.judge.lost(), 0u);
}

TEST(SimJudge, ObjectsToADatagramTwiceAndToOneThatNeverCame) {
  Case c;
  Frag frag = c.arrive(1);
  EXPECT_EQ(c.judge.delivered(frag, c.payload), std::nullopt);
  EXPECT_NE(c.judge.delivered(frag, c.payload), std::nullopt);
  frag.source_port = 1025;
  EXPECT_NE(c.judge.delivered(frag, c.payload), std::nullopt);
}

TEST(SimJudge, ObjectsToOneByteLessAndToAWrongPlaceQueueOrPort) {
  Case c;
  const Frag frag = c.arrive(1);
  EXPECT_NE(c.judge.delivered(frag, c.payload.first(c.payload.size() - 1)), std::nullopt);
  Frag wrong = frag;
  wrong.port_index = 1;
  EXPECT_NE(c.judge.delivered(wrong, c.payload), std::nullopt);
  wrong = frag;
  wrong.queue = 1;
  EXPECT_NE(c.judge.delivered(wrong, c.payload), std::nullopt);
  c.judge.set_engine_ports(std::span(kSimPorts).subspan(1), std::span(kPlaces).subspan(1));
  EXPECT_NE(c.judge.delivered(frag, c.payload), std::nullopt);
}

TEST(SimJudge, ObjectsToAnotherOrder) {
  Case c;
  const Frag first = c.arrive(1);
  const std::vector<std::byte> frame = c.frame;
  const std::size_t offset = static_cast<std::size_t>(c.payload.data() - c.frame.data());
  const Frag second = c.arrive(2);
  EXPECT_EQ(c.judge.delivered(second, c.payload), std::nullopt);
  EXPECT_NE(c.judge.delivered(first, std::span(frame).subspan(offset, c.payload.size())), std::nullopt);
}

TEST(SimJudge, AFrameThatIsOursMayPassForAReasonOnly) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    Case c(filter);
    c.arrive(1);
    EXPECT_NE(c.judge.passed(c.frame, {}), std::nullopt);
    for (const Excuse& excuse : {Excuse{.detached = true}, Excuse{.no_socket = true}}) {
      Case excused(filter);
      excused.arrive(1);
      EXPECT_EQ(excused.judge.passed(excused.frame, excuse), std::nullopt);
    }
    Case stalled(filter);
    stalled.arrive(1);
    EXPECT_EQ(stalled.judge.passed(stalled.frame, {.stalled = true}).has_value(), filter == Filter::kKernel);
  }
}

TEST(SimJudge, AFrameThatIsOursMayNotBeReturnedUnlessItsPortWasNotListedWhenItCame) {
  Case c(Filter::kUserspace);
  c.arrive(1);
  EXPECT_NE(c.judge.returned(c.frame), std::nullopt);

  Case unlisted(Filter::kUserspace);
  unlisted.judge.set_engine_ports(std::span(kSimPorts).subspan(1), std::span(kPlaces).subspan(1));
  unlisted.arrive(1);
  unlisted.judge.set_engine_ports(kSimPorts, kPlaces);
  EXPECT_EQ(unlisted.judge.returned(unlisted.frame), std::nullopt);
}

}  // namespace
}  // namespace penstock
