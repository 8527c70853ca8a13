// The bare loops take every datagram that came, in either form, and say what their socket lost.
#include "bench/paths/bare_sockets.h"

#include <memory>
#include <tuple>

#include <gtest/gtest.h>

#include "bench/paths/stage.h"
#include "engine/base/wait.h"

namespace penstock {
namespace {

using Form = std::tuple<BareLoop, WaitStrategy>;
class BareSockets : public testing::TestWithParam<Form> {};

TEST_P(BareSockets, TakeEveryDatagram) {
  const Result<Stage> stage = Stage::create({});
  ASSERT_TRUE(stage) << stage.error().message();
  const auto [loop, wait] = GetParam();
  const auto peer = open_bare(stage->receiver(), loop, wait, {});
  ASSERT_TRUE(peer) << peer.error().message();
  // Twice what io_uring has buffers for, so that each comes back to it.
  const Result<ReplayReport> sent = stage->send(100'000, 100 * kMillisecond);
  ASSERT_TRUE(sent) << sent.error().message();
  EXPECT_EQ(sent->sent.frames, 10'000u);
  // The veth's ring has 256 places, for which the machine may stand still too long.
  const std::uint64_t arrived = sent->sent.frames - sent->ring_full;
  const auto all = [&] {
    const Result<Delivered> now = (*peer)->delivered();
    return now && now->datagrams + now->socket_drop == arrived;
  };
  EXPECT_TRUE(wait_until(all, 10 * kSecond)) << (*peer)->delivered()->datagrams << " of " << arrived;
  EXPECT_GT((*peer)->delivered()->datagrams, 0u);
}

INSTANTIATE_TEST_SUITE_P(Forms, BareSockets,
                         testing::Combine(testing::Values(BareLoop::kRecvmmsg, BareLoop::kIoUring),
                                          testing::Values(WaitStrategy::kSpin, WaitStrategy::kBlock)));

TEST(BareSocketsAlone, APortThatIsTakenIsNamed) {
  const Result<Stage> stage = Stage::create({});
  ASSERT_TRUE(stage) << stage.error().message();
  const auto first = open_bare(stage->receiver(), BareLoop::kRecvmmsg, WaitStrategy::kBlock, {});
  ASSERT_TRUE(first) << first.error().message();
  const auto second = open_bare(stage->receiver(), BareLoop::kIoUring, WaitStrategy::kBlock, {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message().find("8003"), std::string::npos) << second.error().message();
}

}  // namespace
}  // namespace penstock
