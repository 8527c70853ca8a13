// Reading lab files: what is right, and every mistake with its place.
#include "sim/lab/lab_file.h"

#include <algorithm>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr const char* kLeast = R"(name = "bench"
description = "Two ports, one cable."
[sender]
interface = "eth2"
[receiver]
interface = "eth3"
)";

Result<Lab> read(const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "lab.toml";
  std::ofstream(file) << text;
  return read_lab(file);
}

// The part of the error behind "FILE:".
std::string error_of(const std::string& text) {
  const Result<Lab> lab = read(text);
  if (lab) return "accepted";
  const std::string what = lab.error().what;
  return what.substr(what.find("lab.toml:") + 9);
}

TEST(ReadLab, LeavesThePortsAsTheyAreUnlessItSaysOtherwise) {
  const Result<Lab> lab = read(kLeast);
  ASSERT_TRUE(lab) << lab.error().message();
  EXPECT_EQ(lab->name, "bench");
  EXPECT_EQ(lab->sender.interface, "eth2");
  EXPECT_EQ(lab->receiver.interface, "eth3");
  EXPECT_EQ(lab->journal, std::filesystem::path(::testing::TempDir()) / "lab.toml.journal");
  for (const LabPort& port : {lab->sender, lab->receiver}) {
    EXPECT_EQ(port.queues, 1u);
    EXPECT_FALSE(port.may_have_addresses);
    EXPECT_FALSE(port.rx_ring || port.tx_ring);
    EXPECT_EQ(port.coalesce, Coalescing{});
    EXPECT_TRUE(port.features_on.empty() && port.features_off.empty());
    EXPECT_TRUE(port.irq_cpus.empty() && port.steer.empty());
  }
}

TEST(ReadLab, ReadsEverySetting) {
  const Result<Lab> lab = read(std::string(kLeast) + R"(
queues = 4
may_have_addresses = true
features_on = ["rx-ntuple-filter"]
features_off = ["rx-gro"]
irq_cpus = [2, 3]
rings = { rx = 4096 }
coalesce = { adaptive_rx = false, rx_us = 0, tx_frames = 8 }
[[receiver.steer]]
port = 8003
queue = 3
)");
  ASSERT_TRUE(lab) << lab.error().message();
  const LabPort& port = lab->receiver;
  EXPECT_EQ(port.queues, 4u);
  EXPECT_TRUE(port.may_have_addresses);
  EXPECT_EQ(port.rx_ring, 4096u);
  EXPECT_FALSE(port.tx_ring);
  EXPECT_EQ(port.coalesce, (Coalescing{.adaptive_rx = false, .rx_us = 0, .tx_frames = 8}));
  EXPECT_EQ(port.features_on, std::vector<std::string>{"rx-ntuple-filter"});
  EXPECT_EQ(port.features_off, std::vector<std::string>{"rx-gro"});
  EXPECT_EQ(port.irq_cpus, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(port.steer, (std::vector<SteeringRule>{{.port = 8003, .queue = 3}}));
}

TEST(ReadLab, NamesMistakesWithTheirPlace) {
  EXPECT_EQ(error_of(std::string(kLeast) + "queue = 4\n").substr(0, 4), "7:1:");
  EXPECT_NE(error_of(std::string(kLeast) + "queue = 4\n").find("'queues'"), std::string::npos);
  EXPECT_NE(error_of(std::string(kLeast) + "queues = 65\n").find("64"), std::string::npos);
  EXPECT_NE(
      error_of(std::string(kLeast) + "features_on = [\"a\"]\nfeatures_off = [\"a\"]\n").find("'a' is in"),
      std::string::npos);
  EXPECT_NE(error_of(std::string(kLeast) + "[[receiver.steer]]\nport = 1\nqueue = 1\n").find("1 queues"),
            std::string::npos);
  std::string same = kLeast;
  same.replace(same.find("eth3"), 4, "eth2");
  EXPECT_NE(error_of(same).find("two ports are needed"), std::string::npos);
  std::string longer = kLeast;
  longer.replace(longer.find("eth3"), 4, "sixteencharacter");
  EXPECT_NE(error_of(longer).find("at most 15"), std::string::npos);
  EXPECT_NE(error_of("name = \"x\"\ndescription = \"y\"\n").find("interface"), std::string::npos);
}

TEST(ReadLab, HasASenderOnAnotherHost) {
  const std::string remote = R"(name = "far"
description = "A port here."
[remote]
ssh = ["ssh", "-p", "22", "root@host"]
runner = "/opt/runner"
[sender]
interface = "eth3"
[receiver]
interface = "eth3"
)";
  const Result<Lab> lab = read(remote);
  ASSERT_TRUE(lab) << lab.error().message();
  ASSERT_TRUE(lab->remote);
  EXPECT_EQ(lab->remote->ssh, (std::vector<std::string>{"ssh", "-p", "22", "root@host"}));
  EXPECT_EQ(lab->remote->runner, "/opt/runner");
  EXPECT_EQ(lab->sender.interface, lab->receiver.interface) << "of two machines";
  EXPECT_FALSE(read(kLeast)->remote);
  EXPECT_NE(error_of(remote + "[sender.rings]\nrx = 512\n").find("rings"), std::string::npos)
      << "nothing of a far port is set";
}

// The keys in the first column of the page's tables; `PORT` stands for `sender` and `receiver`.
std::set<std::string> documented_keys() {
  constexpr std::string_view kStart = "| `";
  std::ifstream page("docs/lab.md");
  std::set<std::string> keys;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with(kStart)) continue;
    const std::string key = line.substr(kStart.size(), line.find('`', kStart.size()) - kStart.size());
    if (!key.starts_with("PORT.")) {
      keys.insert(key);
      continue;
    }
    for (const std::string port : {"sender", "receiver"})
      keys.insert(port + key.substr(4));
  }
  return keys;
}

TEST(LabDoc, ListsTheKeysOfTheReader) {
  const std::vector<std::string> keys = lab_keys();
  EXPECT_EQ(documented_keys(), std::set<std::string>(keys.begin(), keys.end()));
}

}  // namespace
}  // namespace penstock
