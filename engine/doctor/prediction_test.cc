// Each cause that a check can find, and what follows for the way that is taken.
#include "engine/doctor/prediction.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

struct World {
  ReceiverPlan plan{.path = std::nullopt};
  HostState host{.may_use_af_xdp = true, .umem_fits = true, .io_uring = true};
  InterfaceState interface {
    .there = true, .zero_copy_allowed = true, .queues = 1, .xdp = XdpFeatures { true, true }
  };
  std::optional<std::uint16_t> held_port{};

  World() { plan.af_xdp.companion = Companion::kOwn; }
  std::string told() const { return to_string(predict(plan, host, interface, held_port)); }
};

std::string told(void (*change)(World&)) {
  World world;
  change(world);
  return world.told();
}

constexpr const char* kTakes = "`penstock run` would take ";

TEST(Prediction, StepsDownByTheCause) {
  const std::vector<std::pair<void (*)(World&), std::string>> rows = {
      {[](World&) {}, "kernel_filter, native zero-copy"},
      {[](World& w) { w.interface.zero_copy_allowed = false; }, "kernel_filter, native copy"},
      {[](World& w) { w.interface.xdp->zero_copy = false; }, "kernel_filter, native copy, since"},
      {[](World& w) { w.interface.xdp->native = false; }, "kernel_filter, generic copy, since"},
      {[](World& w) { w.interface.xdp.reset(); }, "kernel_filter, native zero-copy"},
      {[](World& w) { w.interface.foreign_program = true; }, "io_uring, since"},
      {[](World& w) { w.interface.busy_queue = 3; }, "io_uring, since"},
      {[](World& w) { w.host.may_use_af_xdp = false; }, "io_uring, since"},
      {[](World& w) { w.host.umem_fits = w.host.io_uring = false; }, "udp, since"},
      {[](World& w) { w.plan.zero_copy = ZeroCopy::kOff; }, "kernel_filter, native copy"},
      {[](World& w) {
         w.held_port = 8003;
         w.plan.af_xdp.companion = Companion::kExternal;
       },
       "kernel_filter, native zero-copy"},
      {[](World& w) { w.plan.path = Path::kUdp; }, "udp"},
  };
  for (const auto& [change, wanted] : rows)
    EXPECT_EQ(told(change).substr(0, std::string(kTakes).size() + wanted.size()), kTakes + wanted);
}

TEST(Prediction, SaysWhyItWouldNotStart) {
  const std::vector<std::pair<void (*)(World&), std::string>> rows = {
      {[](World& w) { w.interface.there = false; }, "there is no such interface"},
      {[](World& w) { w.interface.queues_suffice = false; }, "too few queues"},
      {[](World& w) { w.held_port = 8003; }, "another program holds port 8003"},
      {[](World& w) {
         w.held_port = 8003;
         w.plan.path = Path::kUdp;
         w.plan.af_xdp.companion = Companion::kExternal;
       },
       "another program holds port 8003"},
      {[](World& w) {
         w.interface.xdp->native = false;
         w.plan.required = true;
       },
       "the driver has no native XDP"},
      {[](World& w) {
         w.plan.path = Path::kKernelFilter;
         w.interface.foreign_program = true;
       },
       "another XDP program"},
  };
  for (const auto& [change, wanted] : rows) {
    EXPECT_NE(told(change).find("would not start"), std::string::npos) << told(change);
    EXPECT_NE(told(change).find(wanted), std::string::npos) << told(change);
  }
}

TEST(Prediction, AWayThatWasNamedStepsDownForWhatTheDriverLacksAlone) {
  EXPECT_NE(told([](World& w) {
              w.plan.path = Path::kUserspaceFilter;
              w.interface.xdp->native = false;
            }).find("would take kernel_filter, generic copy, since userspace_filter"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock
