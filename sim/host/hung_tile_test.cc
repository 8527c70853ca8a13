// A tile of the real engine hangs (one thread, by ptrace), and `penstock run` notices: the line, the metric,
// the exit status, and nothing left behind. A process that is stopped as a whole is no such case. Needs root.
//
// "Within a second" is the watchdog's own promise (engine/tiles/watchdog_test.cc counts it); no time is
// measured here.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/service/testing/fake_manager.h"
#include "engine/testing/temporary_folder.h"
#include "engine/testing/thread_stall.h"
#include "sim/host/engine_process.h"
#include "sim/topology/leaks/kernel_objects.h"
#include "sim/topology/testing/value_of.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

using testing::value_of;

constexpr char kEngine[] = "engine/penstock";  // in the runfiles, where tests start
constexpr int kStalledStatus = 3;              // engine/commands/run_command.h

class HungTileTest : public ::testing::Test {
 protected:
  void start(OnStall on_stall) {
    engine_.emplace(value_of(EngineProcess::start(
        topology_.receiver(), {.program = kEngine, .path = Path::kUserspaceFilter, .on_stall = on_stall})));
  }
  // Until it has said so; false when that takes unreasonably long.
  bool says(const std::string& text) {
    for (int i = 0; i < 20'000; ++i) {
      if (engine_->program().err().find(text) != std::string::npos) return true;
      usleep(1'000);
    }
    return false;
  }

  const VethTopology topology_ = value_of(VethTopology::create({}));
  std::optional<EngineProcess> engine_;
};

class EachTile : public HungTileTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(EachTile, EndsTheEngineWithItsNameAndStatusAndLeavesNothing) {
  const std::string tile = GetParam();
  const KernelObjects before = value_of(KernelObjects::snapshot());
  start(OnStall::kExit);
  const std::vector<std::string> added = value_of(KernelObjects::snapshot()).added_since(before);
  ASSERT_FALSE(added.empty());
  {
    const auto stall = ThreadStall::begin(engine_->pid(), "pen-" + tile);
    ASSERT_TRUE(stall) << stall.error().message();
    EXPECT_TRUE(says("tile " + tile + " (thread pen-" + tile + ") stands still"));
    EXPECT_TRUE(says("ends, for its supervisor"));
  }
  const ProgramOutput output = value_of(engine_->program().wait(20 * kSecond));
  EXPECT_EQ(output.exit_status, kStalledStatus) << output.err;
  const EngineCounters counters = value_of(engine_->last_counters());
  EXPECT_EQ(counters.get("tile_stalls{" + tile + "}"), 1u);
  EXPECT_EQ(counters.sum("tile_stalls"), 1u) << "the others are sound";
  const Status gone = wait_until_gone(added, 60 * kSecond);
  EXPECT_TRUE(gone) << gone.error().message();
}

INSTANTIATE_TEST_SUITE_P(, EachTile, ::testing::Values("net", "return"),
                         [](const auto& tile) { return std::string(tile.param); });

TEST_F(HungTileTest, IsOnlyReportedWhenTheConfigurationSaysSo) {
  const TemporaryFolder folder("/tmp");                 // TEST_TMPDIR is longer than a socket's name may be
  const FakeManager manager(folder.path() / "notify");  // abstract names end at the namespace's border
  start(OnStall::kReport);
  EXPECT_EQ(manager.hears().rfind("READY=1\nSTATUS=receiving on", 0), 0u);
  {
    const auto stall = ThreadStall::begin(engine_->pid(), "pen-return");
    ASSERT_TRUE(stall) << stall.error().message();
    EXPECT_TRUE(says("tile return (thread pen-return) stands still"));
    EXPECT_EQ(manager.hears(), "STATUS=stands still: pen-return");
  }
  EXPECT_TRUE(says("tile return (thread pen-return) goes on"));
  EXPECT_EQ(manager.hears().rfind("STATUS=receiving on", 0), 0u);
  EXPECT_EQ(value_of(engine_->counters()).get("tile_stalls{return}"), 1u);
  value_of(engine_->stop());
}

TEST_F(HungTileTest, AProcessThatIsStoppedAsAWholeIsNoHungTile) {
  start(OnStall::kExit);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(engine_->program().signal(SIGSTOP));
    usleep(1'500'000);  // longer than a tile may stand still
    ASSERT_TRUE(engine_->program().signal(SIGCONT));
    value_of(engine_->counters());  // it answers
  }
  EXPECT_EQ(value_of(engine_->stop()).sum("tile_stalls"), 0u);
}

}  // namespace
}  // namespace penstock
