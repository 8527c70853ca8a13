// The real binary among local enemies, all at once: garbage on its metrics port, readers of the outlet that
// write nonsense and never read, a disk that is full under the capture, and a file with every key wrong at
// each SIGHUP. It says what is wrong, and every datagram arrives. Needs root.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/commands/testing/engine_on_veth.h"
#include "engine/config/run_config.h"
#include "engine/http/testing/raw_client.h"
#include "engine/outlet/penstock_shreds.h"

namespace penstock {
namespace {

class RunHostileTest : public EngineOnVeth {
 protected:
  RunHostileTest() {
    std::filesystem::create_directory(disk());
    run("mount -t tmpfs -o size=64k tmpfs " + disk().string());
  }
  ~RunHostileTest() override {
    engine_.reset();
    run("umount " + disk().string());
  }

  static std::filesystem::path disk() { return RunProcess::folder() / "disk"; }
  static std::string socket_path() { return RunProcess::folder() / "shreds"; }

  // The default file with a date at every key.
  static std::string every_key_wrong() {
    std::string wrong;
    std::string_view rest = default_run_config();
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      const bool key = !line.empty() && line[0] != '#' && line[0] != '[';
      wrong.append(key ? line.substr(0, line.find(' ')) : line).append(key ? " = 1979-05-27\n" : "\n");
    }
    return wrong;
  }

  // A reader that fills its page with ones, and leaves its connection behind or goes at once.
  static void come_and_scribble(bool stay) {
    penstock_shreds in{};
    if (penstock_shreds_open(&in, socket_path().c_str()) != 0) return;  // no room
    std::memset(in.position, 0xff, 4096);
    if (!stay) penstock_shreds_close(&in);
  }

  std::int64_t handed_on() const {
    return engine_->counter("penstock_outlet_published_total") +
           engine_->counter("penstock_overrun_total{consumer=\"outlet\"}");
  }
  // Sends that many, and waits until all of them are consumed and handed on.
  void send_and_wait(int datagrams) {
    for (int i = 0; i < datagrams; ++i, ++sent_)
      send();
    for (int i = 0; i < 1'000; ++i) {
      engine_->refresh_counters();
      if (engine_->counter("penstock_sink_consumed_total") >= sent_ && handed_on() >= sent_) return;
    }
    FAIL() << engine_->counter("penstock_sink_consumed_total") << " of " << sent_ << "\n"
           << engine_->output();
  }

  std::int64_t sent_ = 0;
};

TEST_F(RunHostileTest, EveryDatagramArrivesAllTheSame) {
  start("[outlet]\ndepth = 256\nsocket = \"" + socket_path() + "\"\n[capture]\nfolder = \"" +
        disk().string() + "\"\n");
  std::atomic<bool> over = false;
  std::vector<std::thread> enemies;
  const auto enemy = [&](auto&& turn) {
    enemies.emplace_back([&over, turn] {
      for (int i = 0; !over; ++i, usleep(2'000))
        turn(i);
    });
  };
  enemy([this](int i) { RawClient(address_).say(std::string(50'000, static_cast<char>(i))); });
  enemy([](int i) { come_and_scribble(i < 8); });

  for (int i = 0; i < 20; ++i) {
    std::ofstream(RunProcess::folder() / "run.toml")
        << (i % 2 == 0 ? every_key_wrong() : std::string(1'000'000, '\xff'));
    engine_->signal(SIGHUP);
    send_and_wait(50);
  }
  over = true;
  for (std::thread& each : enemies)
    each.join();
  send_and_wait(50);
  EXPECT_GT(engine_->counter("penstock_capture_dropped_total"), 0);
  EXPECT_GT(engine_->counter("penstock_outlet_readers_total"), 8);
  const std::string said = engine_->output();
  EXPECT_NE(said.find("captures nothing: write "), std::string::npos) << said;
  EXPECT_NE(said.find("goes on as it is, since its file is of no use"), std::string::npos) << said;
  engine_->signal(SIGTERM);
  EXPECT_EQ(engine_->wait(), 0) << engine_->output();
  EXPECT_EQ(engine_->counter("penstock_sink_consumed_total"), sent_);
  EXPECT_EQ(handed_on(), sent_);
  EXPECT_EQ(engine_->counter("penstock_tile_stalls_total{tile=\"net\"}"), 0);
}

}  // namespace
}  // namespace penstock
