// A file that is written anew under a reader's eyes, and what an engine is told of it.
#include "engine/commands/config_file.h"

#include <errno.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace penstock {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kText = "interface = \"eth0\"\nports = [8003]\n";

// Notes what it is to take, and refuses what it is told to.
class FakeEngine final : public LiveEngine {
 public:
  Status take_ports(std::span<const std::uint16_t> ports,
                    std::span<const std::uint16_t> repair_ports) override {
    return take(fmt::format("ports {} repair {}", fmt::join(ports, " "), fmt::join(repair_ports, " ")));
  }
  Result<bool> take_leaders(const ShredsSpec& spec) override {
    if (Status s = take("leaders " + spec.leader_file.string()); !s) return tl::unexpected(s.error());
    return leaders_differ;
  }
  Status take_forward(const std::optional<Endpoint>& to) override {
    return take("forward " + (to ? to->to_string() : "nowhere"));
  }
  Status take_capture_limits(const CaptureSpec& capture) override {
    return take(fmt::format("capture {} {}", capture.file_mib, capture.files));
  }

  Lines taken;
  std::string refuses;  // what begins with it
  int code = 0;
  bool leaders_differ = false;

 private:
  Status take(std::string what) {
    if (!refuses.empty() && what.starts_with(refuses)) return fail("take it", code);
    taken.push_back(std::move(what));
    return {};
  }
};

class ConfigFileTest : public ::testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  void read(const std::string& text) {
    write(text);
    Result<std::unique_ptr<ConfigFile>> file = ConfigFile::read(path_);
    ASSERT_TRUE(file) << file.error().message();
    file_ = std::move(*file);
  }
  Lines reload(const std::string& text) {
    write(text);
    Reload reload = file_->reload(&engine_);
    failed_ = reload.failed;
    return std::move(reload.lines);
  }

  const std::filesystem::path path_ = std::filesystem::path(::testing::TempDir()) / "config_file_test.toml";
  FakeEngine engine_;
  std::unique_ptr<ConfigFile> file_;
  bool failed_ = false;
};

TEST_F(ConfigFileTest, AnUnchangedFileSaysNothingNew) {
  read(kText);
  EXPECT_EQ(reload(kText), Lines{"its file says nothing new"});
  EXPECT_EQ(engine_.taken, Lines{});
  EXPECT_FALSE(failed_);
}

TEST_F(ConfigFileTest, OnStallIsTakenAtOnceAndOnce) {
  read(kText);
  const std::string reports = std::string(kText) + "[threads]\non_stall = \"report\"\n";
  EXPECT_EQ(reload(reports), Lines{"threads.on_stall = 'report' from now on"});
  EXPECT_EQ(file_->config().on_stall, OnStall::kReport);
  EXPECT_EQ(reload(reports), Lines{"its file says nothing new"});
  EXPECT_EQ(reload(kText), Lines{"threads.on_stall = 'exit' from now on"});
  EXPECT_EQ(file_->config().on_stall, OnStall::kExit);
}

TEST_F(ConfigFileTest, PortsAreTakenTogetherWithThoseOfRepair) {
  read(kText);
  EXPECT_EQ(reload("interface = \"eth0\"\nports = [8003, 8004]\n[shreds]\nrepair_ports = [8004]\n"),
            (Lines{"ports = [ 8003, 8004 ] from now on", "shreds.repair_ports = [ 8004 ] from now on"}));
  EXPECT_EQ(engine_.taken, Lines{"ports 8003 8004 repair 8004"});
  EXPECT_EQ(file_->config().ports, (std::vector<std::uint16_t>{8003, 8004}));
  EXPECT_EQ(file_->config().shreds.repair_ports, std::vector<std::uint16_t>{8004});
}

TEST_F(ConfigFileTest, SinksAndLimitsAreTaken) {
  const std::string more = "[capture]\nfolder = \"/c\"\nfiles = 3\nfile_mib = 5\n";
  read(std::string(kText) + "[outlet]\nforward = \"127.0.0.1:1\"\n" + more);
  EXPECT_EQ(reload(std::string(kText) + "on_gone = \"end\"\n[outlet]\nforward = \"127.0.0.1:2\"\n" +
                   "[capture]\nfolder = \"/c\"\nfiles = 4\nfile_mib = 6\n"),
            (Lines{"outlet.forward = '127.0.0.1:2' from now on", "capture.file_mib = 6 from now on",
                   "capture.files = 4 from now on", "on_gone = 'end' from now on"}));
  EXPECT_EQ(engine_.taken, (Lines{"forward 127.0.0.1:2", "capture 6 4"}));
  EXPECT_EQ(file_->config().on_gone, OnGone::kEnd);
}

TEST_F(ConfigFileTest, WhatWaitsForTheNextStartIsSaidUntilThen) {
  read(kText);
  engine_.refuses = "forward";
  engine_.code = ENOTSUP;
  const std::string text =
      std::string(kText) +
      "link_depth = 128\n[outlet]\nforward = \"127.0.0.1:1\"\n[threads]\nwait = \"spin\"\n";
  const Lines said{"link_depth = 128 takes effect at the next start; until then 4096",
                   "outlet.forward = '127.0.0.1:1' takes effect at the next start; until then ''",
                   "threads.wait = 'spin' takes effect at the next start; until then 'block'"};
  EXPECT_EQ(reload(text), said);
  EXPECT_FALSE(failed_);
  EXPECT_EQ(reload(text), said);
  EXPECT_EQ(file_->config().outlet.forward, std::nullopt);
}

TEST_F(ConfigFileTest, WhatCannotBeDoneStaysAsItWasAndTheRestIsTaken) {
  read(kText);
  engine_.refuses = "ports";
  engine_.code = EADDRINUSE;
  const Lines lines = reload("interface = \"eth0\"\nports = [8004]\n[threads]\non_stall = \"report\"\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].find("ports stays [ 8003 ]: take it: EADDRINUSE"), 0u) << lines[0];
  EXPECT_EQ(lines[1], "threads.on_stall = 'report' from now on");
  EXPECT_TRUE(failed_);
  EXPECT_EQ(file_->config().ports, std::vector<std::uint16_t>{8003});
}

// Taken alone it would come in again, since the companion socket goes on holding the port.
TEST_F(ConfigFileTest, AForwardThatWouldComeAgainWaits) {
  read(std::string(kText) + "[outlet]\nforward = \"127.0.0.1:1\"\n");
  EXPECT_EQ(
      reload(std::string(kText) +
             "[outlet]\nforward = \"127.0.0.1:8003\"\n[receiver]\ncompanion = \"external\"\n"),
      (Lines{"outlet.forward = '127.0.0.1:8003' takes effect at the next start; until then '127.0.0.1:1'",
             "receiver.companion = 'external' takes effect at the next start; until then 'own'"}));
  EXPECT_EQ(engine_.taken, Lines{});
}

TEST_F(ConfigFileTest, WhatFitsOnlyBehindAnotherIsTakenBehindIt) {
  read(std::string(kText) + "[outlet]\nforward = \"127.0.0.1:8004\"\n");
  EXPECT_EQ(reload("interface = \"eth0\"\nports = [8004]\n[outlet]\nforward = \"127.0.0.1:8003\"\n").size(),
            2u);
  EXPECT_EQ(engine_.taken, Lines{}) << "each wants the other's port: both wait";
  EXPECT_EQ(reload("interface = \"eth0\"\nports = [8003, 8004]\n[outlet]\nforward = \"127.0.0.1:1\"\n"),
            (Lines{"outlet.forward = '127.0.0.1:1' from now on", "ports = [ 8003, 8004 ] from now on"}));
}

TEST_F(ConfigFileTest, TheLeadersFileIsReadAnewThoughItsNameIsTheSame) {
  const std::string text = std::string(kText) + "[shreds]\nstage = \"full\"\nleader_file = \"/l\"\n";
  read(text);
  EXPECT_EQ(reload(text), Lines{"its file says nothing new"});
  engine_.leaders_differ = true;
  EXPECT_EQ(reload(text), Lines{"shreds.leader_file has other leaders: taken from now on"});
  EXPECT_EQ(engine_.taken, (Lines{"leaders /l", "leaders /l"}));
  engine_.refuses = "leaders";
  engine_.code = ENOENT;
  const Lines lines = reload(text);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].find("the leaders stay as they were: take it: ENOENT"), 0u) << lines[0];
  EXPECT_TRUE(failed_);
}

TEST_F(ConfigFileTest, WithoutAnEngineTheNextOneHasIt) {
  read(kText);
  write("interface = \"eth0\"\nports = [8004]\n");
  EXPECT_EQ(file_->reload(nullptr).lines, Lines{"ports = [ 8004 ] from now on"});
  EXPECT_EQ(file_->config().ports, std::vector<std::uint16_t>{8004});
}

TEST_F(ConfigFileTest, AFileOfNoUseChangesNothing) {
  read(kText);
  const RunConfig before = file_->config();
  Lines lines =
      reload("interface = \"eth0\"\nports = [8004]\n[threads]\non_stall = \"report\"\nwiat = \"spin\"\n");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(failed_);
  EXPECT_NE(lines[0].find("goes on as it is"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("config_file_test.toml:5:1: unknown key 'wiat'"), std::string::npos) << lines[0];
  std::filesystem::remove(path_);
  lines = file_->reload(&engine_).lines;
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("ENOENT"), std::string::npos) << lines[0];
  EXPECT_EQ(file_->config(), before);
  EXPECT_EQ(engine_.taken, Lines{});
}

TEST_F(ConfigFileTest, AFileThatIsNotThereIsAnError) {
  const auto file = ConfigFile::read(path_ / "nothing");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message().find("nothing"), std::string::npos);
}

}  // namespace
}  // namespace penstock
