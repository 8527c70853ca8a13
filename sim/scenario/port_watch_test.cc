// Every way that a datagram can go wrong is seen.
#include "sim/scenario/port_watch.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr Nanoseconds kStart = 1'000 * kSecond;
constexpr std::uint16_t kPort = 9100;

// Port 9100 is added at 200 ms and removed at 600 ms; datagrams at 0, 200, 400, 600 and 800 ms.
class PortWatchTest : public ::testing::Test {
 protected:
  static DoneStep done(int ms, StepKind kind) {
    return {{ms * kMillisecond, kind, kPort},
            kStart + ms * kMillisecond - kMillisecond,
            kStart + ms * kMillisecond + kMillisecond};
  }
  static Check check(const StreamSightings& seen, std::uint64_t port_removed = 0) {
    std::vector<StreamDatagram> datagrams;
    datagrams.reserve(5);
    for (int i = 0; i < 5; ++i)
      datagrams.push_back({i * 200 * kMillisecond, kPort, 64});
    const DoneStep steps[] = {done(200, StepKind::kAddPort), done(600, StepKind::kRemovePort)};
    const std::uint16_t listed[] = {8003};
    return PortWatch(datagrams, listed, steps, {kStart, kMillisecond}).check("p.ports", seen, port_removed);
  }
};

TEST_F(PortWatchTest, EachGoesItsWay) {
  const Check good = check({.fast = {2, 1}, .slow = {3}, .host = {0, 3, 4}});
  EXPECT_EQ(good.pass, true) << good.detail;
  EXPECT_EQ(
      good.detail,
      "1 datagrams while their port was listed, 2 while it was not, 2 around a change: each went its way, "
      "none both");
  EXPECT_EQ(check({.fast = {2, 3}, .slow = {}, .host = {0, 1, 4}}).pass, true)
      << "either way around a change";
}

TEST_F(PortWatchTest, WhileListedOnlyTheFastWayWillDo) {
  EXPECT_EQ(check({.fast = {1}, .slow = {}, .host = {0, 2, 3, 4}}).pass, false);
  EXPECT_EQ(check({.fast = {1}, .slow = {2}, .host = {0, 2, 3, 4}}).pass, false);
  EXPECT_EQ(check({.fast = {1, 2, 2}, .slow = {}, .host = {0, 3, 4}}).pass, false) << "twice";
}

TEST_F(PortWatchTest, WhileNotListedOnlyTheHostWillDo) {
  EXPECT_EQ(check({.fast = {0, 1, 2}, .slow = {}, .host = {3, 4}}).pass, false);
  EXPECT_EQ(check({.fast = {1, 2}, .slow = {}, .host = {3, 4}}).pass, false) << "lost";
  EXPECT_EQ(check({.fast = {1, 2}, .slow = {4}, .host = {0, 3, 4}}).pass, false) << "held too long";
}

TEST_F(PortWatchTest, AroundAChangeNeverBothAndNeverNeither) {
  EXPECT_EQ(check({.fast = {1, 2}, .slow = {}, .host = {0, 1, 3, 4}}).pass, false) << "both";
  EXPECT_EQ(check({.fast = {2}, .slow = {1}, .host = {0, 3, 4}}).pass, false) << "not by way of the host";
  EXPECT_EQ(check({.fast = {2}, .slow = {}, .host = {0, 3, 4}}).pass, false) << "neither";
  EXPECT_EQ(check({.fast = {2}, .slow = {}, .host = {0, 3, 4}}, 1).pass, true)
      << "but counted as port_removed";
}

// Restarted from 200 to 400 ms; datagrams at 0, 100, 300 and 800 ms to a port that every engine lists.
Check around_a_restart(const StreamSightings& seen) {
  const StreamDatagram datagrams[] = {{0, kPort, 64},
                                      {100 * kMillisecond, kPort, 64},
                                      {300 * kMillisecond, kPort, 64},
                                      {800 * kMillisecond, kPort, 64}};
  const DoneStep steps[] = {{{200 * kMillisecond, StepKind::kRestartEngine},
                             kStart + 200 * kMillisecond,
                             kStart + 400 * kMillisecond}};
  const std::uint16_t listed[] = {kPort};
  return PortWatch(datagrams, listed, steps, {kStart, kMillisecond}).check("p.ports", seen, 0);
}

TEST(PortWatchRestart, LosesOnlyWhatArrivedWhileTheEngineWasDown) {
  const Check good = around_a_restart({.fast = {0, 1, 3}, .slow = {}, .host = {2}});
  EXPECT_EQ(good.pass, true) << good.detail;
  EXPECT_NE(good.detail.find("1 around a restart (1 of them to the host, 0 lost)"), std::string::npos)
      << good.detail;
  EXPECT_EQ(around_a_restart({.fast = {0, 1, 3}, .slow = {}, .host = {}}).pass, false)
      << "nothing shows that it was down";
  EXPECT_EQ(around_a_restart({.fast = {0, 1, 2, 3}, .slow = {}, .host = {2}}).pass, false) << "both";
  EXPECT_EQ(around_a_restart({.fast = {0, 1}, .slow = {}, .host = {2}}).pass, false) << "lost afterwards";
  EXPECT_EQ(around_a_restart({.fast = {0, 3}, .slow = {}, .host = {2}}).pass, false) << "lost before";
}

TEST_F(PortWatchTest, ProvesNothingWithoutBothStates) {
  const StreamDatagram datagrams[] = {{0, kPort, 64}};
  const Check nothing =
      PortWatch(datagrams, {}, {}, {}).check("p.ports", {.fast = {}, .slow = {}, .host = {0}}, 0);
  EXPECT_EQ(nothing.pass, false) << "no datagram while listed";
}

}  // namespace
}  // namespace penstock
