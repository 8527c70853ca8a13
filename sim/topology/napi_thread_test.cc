// On which core a veth's end receives. Needs root and two cores.
#include "sim/topology/napi_thread.h"

#include <sched.h>

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/clock.h"
#include "engine/classify/classifier.h"
#include "engine/xdp/receiver_program.h"
#include "sim/topology/offloads.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/testing/value_of.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

using testing::value_of;

// As long as it takes a machine with other things to do.
constexpr Nanoseconds kPatience = 120 * kSecond;
constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();
constexpr int kBurst = 32;

class NapiThreadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(sched_getaffinity(0, sizeof(allowed_), &allowed_), 0);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &allowed_)) sent_[cpu] = 0;
    }
    ASSERT_GE(sent_.size(), 2u) << "one core cannot show on which of two something runs";
  }
  void TearDown() override { sched_setaffinity(0, sizeof(allowed_), &allowed_); }

  void attach() {
    const LinkedHosts::End& end = topology_.receiver();
    value_of(run_in(end.ns, [&] {
      return program_.attach(Filter::kKernel, end.interface, end.index, AttachMode::kNative);
    }));
  }

  // From each core in turn, until some core has received more than was sent from it, or `most` frames are
  // sent.
  bool send_until_elsewhere(std::uint64_t most) {
    const auto sender = value_of(testing::RawSender::open(topology_.sender().ns, topology_.sender().index));
    const std::vector<std::byte> frame(60, std::byte{2});
    const MonotonicClock clock;
    const Nanoseconds until = clock.now() + kPatience;
    for (std::uint64_t all = 0; all < most && clock.now() < until;) {
      for (auto& [cpu, sent] : sent_) {
        stay_on(cpu);
        for (int i = 0; i < kBurst; ++i)
          if (sender.send(frame)) ++sent, ++all;  // one that finds the ring full is not missed
        if (received_elsewhere()) return true;
      }
    }
    return false;
  }

  static void stay_on(std::size_t cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    EXPECT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  }

  bool received_elsewhere() const {
    std::vector<std::uint64_t> received;
    value_of(program_.frames_by_cpu(received));
    return std::any_of(sent_.begin(), sent_.end(),
                       [&](const auto& each) { return received[each.first] > each.second; });
  }

  cpu_set_t allowed_{};
  std::map<std::size_t, std::uint64_t> sent_;  // from each core that the test may use
  VethTopology topology_ = value_of(VethTopology::create({.receiver = {.interface = "pen-receiver",
                                                                       .mac = {{2, 0, 0, 0, 0, 2}},
                                                                       .address = {{192, 0, 2, 2}},
                                                                       .offloads = {.gro = true}}}));
  ReceiverProgram program_ = value_of(ReceiverProgram::load(value_of(Classifier::create({.ports = {8003}}))));
};

TEST_F(NapiThreadTest, WithoutOneTheSendersCoreReceives) {
  attach();
  EXPECT_FALSE(send_until_elsewhere(1'000));
}

TEST_F(NapiThreadTest, WithOneAnotherCoreReceives) {
  value_of(give_napi_a_thread(topology_.receiver().ns, "pen-receiver"));
  attach();
  EXPECT_TRUE(send_until_elsewhere(kNoLimit));
}

// A scenario's receiver without GRO: the setting waits for the NAPI of its XDP program.
TEST_F(NapiThreadTest, TheSettingOutlivesTheNapiThatItWasMadeFor) {
  value_of(give_napi_a_thread(topology_.receiver().ns, "pen-receiver"));
  value_of(set_offloads(topology_.receiver().ns, "pen-receiver", {}));
  attach();
  EXPECT_TRUE(send_until_elsewhere(kNoLimit));
}

TEST_F(NapiThreadTest, AnInterfaceWithoutNapiIsAnError) {
  value_of(set_offloads(topology_.receiver().ns, "pen-receiver", {}));
  EXPECT_EQ(give_napi_a_thread(topology_.receiver().ns, "pen-receiver").error().code, EIO);
}

}  // namespace
}  // namespace penstock
