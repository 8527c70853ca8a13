// On which core a veth's end receives. Needs root and two cores.
#include "sim/topology/napi_thread.h"

#include <sched.h>

#include <limits>
#include <numeric>
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
constexpr Nanoseconds kPatience = 60 * kSecond;
constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();

// Frames that the program at the receiver has seen on the sender's core, and on all others.
struct Seen {
  std::uint64_t here = 0;
  std::uint64_t elsewhere = 0;
};

class NapiThreadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(sched_getaffinity(0, sizeof(allowed_), &allowed_), 0);
    ASSERT_GE(CPU_COUNT(&allowed_), 2) << "one core cannot show on which of two something runs";
    while (!CPU_ISSET(cpu_, &allowed_))
      ++cpu_;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu_, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  }
  void TearDown() override { sched_setaffinity(0, sizeof(allowed_), &allowed_); }

  void attach() {
    const LinkedHosts::End& end = topology_.receiver();
    value_of(run_in(end.ns, [&] {
      return program_.attach(Filter::kKernel, end.interface, end.index, AttachMode::kNative);
    }));
  }

  // Sends until as many as asked were seen on the sender's core, or elsewhere.
  Seen send_until(const Seen& enough) {
    const std::vector<std::byte> frame(60, std::byte{2});
    const auto sender = value_of(testing::RawSender::open(topology_.sender().ns, topology_.sender().index));
    const MonotonicClock clock;
    const Nanoseconds until = clock.now() + kPatience;
    Seen got;
    while (got.here < enough.here && got.elsewhere < enough.elsewhere && clock.now() < until) {
      for (int i = 0; i < 32; ++i)
        (void)sender.send(frame);  // one that finds the ring full is not missed
      got = seen();
    }
    return got;
  }

  Seen seen() const {
    std::vector<std::uint64_t> by_cpu;
    value_of(program_.frames_by_cpu(by_cpu));
    const std::uint64_t all = std::accumulate(by_cpu.begin(), by_cpu.end(), std::uint64_t{0});
    return {by_cpu[cpu_], all - by_cpu[cpu_]};
  }

  cpu_set_t allowed_{};
  std::size_t cpu_ = 0;  // where the test sends
  VethTopology topology_ = value_of(VethTopology::create({.receiver = {.interface = "pen-receiver",
                                                                       .mac = {{2, 0, 0, 0, 0, 2}},
                                                                       .address = {{192, 0, 2, 2}},
                                                                       .offloads = {.gro = true}}}));
  ReceiverProgram program_ = value_of(ReceiverProgram::load(value_of(Classifier::create({.ports = {8003}}))));
};

TEST_F(NapiThreadTest, WithoutOneTheSendersCoreReceives) {
  attach();
  const Seen got = send_until({.here = 1'000, .elsewhere = 1});
  EXPECT_GE(got.here, 1'000u);
  EXPECT_EQ(got.elsewhere, 0u);
}

TEST_F(NapiThreadTest, WithOneAnotherCoreReceives) {
  value_of(give_napi_a_thread(topology_.receiver()));
  attach();
  const Seen got = send_until({.here = kNever, .elsewhere = 1});
  EXPECT_GT(got.elsewhere, 0u);
}

// A scenario's receiver without GRO: the setting waits for the NAPI of its XDP program.
TEST_F(NapiThreadTest, TheSettingOutlivesTheNapiThatItWasMadeFor) {
  value_of(give_napi_a_thread(topology_.receiver()));
  value_of(set_offloads(topology_.receiver().ns, "pen-receiver", {}));
  attach();
  const Seen got = send_until({.here = kNever, .elsewhere = 1});
  EXPECT_GT(got.elsewhere, 0u);
}

TEST_F(NapiThreadTest, AnInterfaceWithoutNapiIsAnError) {
  value_of(set_offloads(topology_.receiver().ns, "pen-receiver", {}));
  EXPECT_EQ(give_napi_a_thread(topology_.receiver()).error().code, EIO);
}

}  // namespace
}  // namespace penstock
