// The net thread over a receiver made here: its order of ending, what it survives, and what ends it.
#include "engine/tiles/net_thread.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Has datagrams when it is given some; notes what is asked of it. All but poll() under a lock: the test looks
// on.
class FakeReceiver final : public Receiver {
 public:
  std::span<const Frag> poll() override {
    const std::scoped_lock lock(mutex);
    if (datagrams == 0) return {};
    const std::size_t count = std::min<std::size_t>(datagrams, frags_.size());
    datagrams -= count;
    return {frags_.data(), count};
  }
  void give_back(std::span<const Frag> frags) override {
    const std::scoped_lock lock(mutex);
    given_back += frags.size();
  }
  Status wait(Nanoseconds timeout) override {
    const std::scoped_lock lock(mutex);
    longest_wait = std::max(longest_wait, timeout);
    ++waits;
    return waited;
  }
  Status drive() override {
    const std::scoped_lock lock(mutex);
    ++drives;
    return waited;
  }
  // As if the kernel received on the core of whoever asks.
  Status frames_by_cpu(std::vector<std::uint64_t>& frames) const override {
    frames = by_cpu_;
    frames.resize(CPU_SETSIZE);
    if (on_our_core) frames[static_cast<std::size_t>(sched_getcpu())] += 10'000;
    by_cpu_ = frames;
    return {};
  }
  Status refresh_counters() override {
    const std::scoped_lock lock(mutex);
    ++refreshes;
    return {};
  }
  Result<bool> refresh_policy(Nanoseconds /*now*/) override {
    const std::scoped_lock lock(mutex);
    ++policy_refreshes;
    return fail("cannot be read just now");
  }
  void detach() override { note("detach"); }
  void stop() override { note("stop"); }
  Path path() const override { return Path::kKernelFilter; }
  std::string mode() const override { return "fake"; }

  template <typename T>
  T read(T FakeReceiver::*member) {
    const std::scoped_lock lock(mutex);
    return this->*member;
  }

  std::mutex mutex;
  std::size_t datagrams = 0;
  std::size_t given_back = 0;
  std::size_t waits = 0;
  std::size_t drives = 0;
  std::atomic<bool> on_our_core{false};
  std::size_t refreshes = 0;
  std::size_t policy_refreshes = 0;
  Nanoseconds longest_wait = 0;
  Status waited;
  std::vector<std::string> ends;

 private:
  void note(const char* what) {
    const std::scoped_lock lock(mutex);
    ends.emplace_back(what);
    if (ends.size() == 1) datagrams = 100;  // what had come in
  }

  std::array<Frag, kBatch> frags_{};
  mutable std::vector<std::uint64_t> by_cpu_;
};

class CountingSink final : public Sink {
 public:
  std::span<const Frag> take(std::span<const Frag> frags) override {
    taken += frags.size();
    return frags;
  }
  void mark(std::span<const Frag> frags, Nanoseconds now) override {
    marked_wrongly = marked_wrongly || frags.empty() || now < last_mark;
    last_mark = now;
    ++marks;
  }
  std::atomic<std::size_t> taken{0};
  std::atomic<std::size_t> marks{0};
  std::atomic<bool> marked_wrongly{false};
  Nanoseconds last_mark = 0;  // the net thread's
};

template <typename Condition>
void wait_for(Condition&& condition) {
  while (!condition())
    sched_yield();
}

class NetThreadTest : public testing::TestWithParam<WaitStrategy> {
 protected:
  std::unique_ptr<NetThread> start() {
    auto net = NetThread::start(receiver_, sink_, {.wait = GetParam()});
    EXPECT_TRUE(net) << net.error().message();
    return std::move(*net);
  }

  FakeReceiver receiver_;
  CountingSink sink_;
};

TEST_P(NetThreadTest, ShowsWhatComesToTheSinkAndGivesItBack) {
  const auto net = start();
  {
    const std::scoped_lock lock(receiver_.mutex);
    receiver_.datagrams = 1000;
  }
  wait_for([&] { return sink_.taken == 1000; });
  EXPECT_TRUE(net->stop());
  EXPECT_EQ(receiver_.given_back, 1100u);
}

TEST_P(NetThreadTest, MarksABatchNowAndThen) {
  const auto net = start();
  wait_for([&] {  // several ticks of traffic
    const std::scoped_lock lock(receiver_.mutex);
    receiver_.datagrams = 64;
    return sink_.marks >= 3;
  });
  ASSERT_TRUE(net->stop());
  EXPECT_FALSE(sink_.marked_wrongly);
  EXPECT_LT(sink_.marks, sink_.taken / 2);
}

TEST_P(NetThreadTest, EndsWithoutLosingWhatHadComeIn) {
  const auto net = start();
  wait_for([&] { return receiver_.read(&FakeReceiver::policy_refreshes) > 0; });
  const std::size_t before = receiver_.read(&FakeReceiver::refreshes);
  EXPECT_TRUE(net->stop());
  EXPECT_EQ(receiver_.ends, (std::vector<std::string>{"detach", "stop"}));
  EXPECT_EQ(sink_.taken, 100u);
  EXPECT_GT(receiver_.refreshes, before) << "a last time";
  EXPECT_LE(receiver_.longest_wait, 50 * kMillisecond) << "or the dead-man's switch trips";
  EXPECT_TRUE(net->stop());
}

TEST_P(NetThreadTest, SurvivesAnInterfaceThatGoesDown) {
  const auto net = start();
  const auto set = [&](Status status) {
    const std::scoped_lock lock(receiver_.mutex);
    receiver_.waited = std::move(status);
  };
  set(fail("wake", ENETDOWN));
  wait_for([&] { return net->interface_is_down(); });
  set({});
  wait_for([&] { return !net->interface_is_down(); });
  EXPECT_TRUE(net->stop());
}

TEST_P(NetThreadTest, EndsWithTheReasonOfAnyOtherError) {
  const auto net = start();
  {
    const std::scoped_lock lock(receiver_.mutex);
    receiver_.waited = fail("wake", ENXIO);
  }
  pollfd ended{net->ended_fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&ended, 1, 10'000), 1);
  const Status status = net->stop();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ENXIO);
  EXPECT_EQ(receiver_.ends, (std::vector<std::string>{"detach", "stop"})) << "the host gets everything";
}

TEST_P(NetThreadTest, CarriesAnOrderOutBetweenTwoPolls) {
  const auto net = start();
  const std::thread::id here = std::this_thread::get_id();
  std::thread::id there;
  const auto order = [&]() -> Status {
    there = std::this_thread::get_id();
    return fail("do it", EBUSY);
  };
  const Status done = net->carry_out(order, 100 * kSecond);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, EBUSY);
  EXPECT_NE(there, here);
  EXPECT_TRUE(net->carry_out([] { return Status(); }, 100 * kSecond)) << "and another";
}

TEST_P(NetThreadTest, AnOrderThatIsGivenUpIsNotCarriedOut) {
  const auto net = start();
  ASSERT_TRUE(net->stop());
  bool ran = false;
  const auto order = [&]() -> Status {
    ran = true;
    return {};
  };
  const Status done = net->carry_out(order, kMillisecond);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ETIMEDOUT);
  EXPECT_FALSE(ran);
}

TEST_P(NetThreadTest, RefreshesCountersWhenAsked) {
  const auto net = start();
  const std::size_t before = receiver_.read(&FakeReceiver::refreshes);
  EXPECT_TRUE(net->refresh(10 * kSecond));
  EXPECT_GT(receiver_.read(&FakeReceiver::refreshes), before);
  EXPECT_TRUE(net->stop());
  EXPECT_FALSE(net->refresh(kMillisecond)) << "nobody is there";
}

TEST_P(NetThreadTest, SleepsWhileTheKernelReceivesOnItsCore) {
  const bool asks = GetParam() == WaitStrategy::kSpin || GetParam() == WaitStrategy::kAdaptive;
  const auto net = start();
  receiver_.on_our_core = true;
  if (!asks) {
    const std::size_t before = receiver_.read(&FakeReceiver::refreshes);
    wait_for([&] { return receiver_.read(&FakeReceiver::refreshes) > before + 30; });  // more than a window
    EXPECT_FALSE(net->shares_core());
    return;
  }
  wait_for([&] { return net->shares_core(); });
  EXPECT_EQ(net->counters().snapshot().get(Counter::kNapiOnTileCore), 1u);
  wait_for([&] { return receiver_.read(&FakeReceiver::longest_wait) == NetThread::kLongestWait; });
}

TEST_P(NetThreadTest, DrivesTheKernelWithBusyPollAlone) {
  const auto net = start();
  wait_for([&] { return receiver_.read(&FakeReceiver::refreshes) > 1; });
  EXPECT_TRUE(net->stop());
  EXPECT_EQ(receiver_.drives > 0, GetParam() == WaitStrategy::kBusyPoll);
}

INSTANTIATE_TEST_SUITE_P(Strategies, NetThreadTest,
                         testing::Values(WaitStrategy::kBlock, WaitStrategy::kAdaptive, WaitStrategy::kSpin,
                                         WaitStrategy::kBusyPoll),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST(NetThread, SaysWhichCpuIsNotThere) {
  FakeReceiver receiver;
  CountingSink sink;
  const auto net = NetThread::start(receiver, sink, {.cpu = 1023});
  ASSERT_FALSE(net);
  EXPECT_EQ(net.error().code, EINVAL);
  EXPECT_NE(net.error().what.find("1023"), std::string::npos);
}

}  // namespace
}  // namespace penstock
