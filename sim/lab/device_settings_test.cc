// What is set of a card: numbers, features, steering, interrupts; over a device of a test.
#include <errno.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "sim/lab/ethtool_features.h"
#include "sim/lab/ethtool_numbers.h"
#include "sim/lab/interrupts.h"
#include "sim/lab/steering.h"
#include "sim/lab/testing/fake_device.h"

namespace penstock {
namespace {

TEST(Fields, AreOneLineOfText) {
  const Fields fields{{"rx", 4096}, {"tx", 0}};
  EXPECT_EQ(to_text(fields), "rx=4096 tx=0");
  EXPECT_EQ(parse_fields("rx=4096 tx=0").value(), fields);
  EXPECT_TRUE(parse_fields("").value().empty());
  for (const char* const bad : {"rx", "rx=", "=1", "rx=a", "rx=-1", "rx=1  tx=1"})
    EXPECT_FALSE(parse_fields(bad)) << bad;
}

TEST(Numbers, WrittenOnesChangeAndOthersStay) {
  FakeDevice device;
  EXPECT_EQ(read_group(device.as_call(), "channels").value(),
            (Fields{{"combined", 8}, {"rx", 0}, {"tx", 0}}));
  EXPECT_EQ(read_limits(device.as_call(), "channels").value().at("combined"), 8u);
  ASSERT_TRUE(write_group(device.as_call(), "channels", {{"combined", 2}}));
  EXPECT_EQ(device.channels.combined_count, 2u);
  ASSERT_TRUE(write_group(device.as_call(), "rings", {{"rx", 4096}}));
  EXPECT_EQ(device.rings.rx_pending, 4096u);
  EXPECT_EQ(device.rings.tx_pending, 512u);
  ASSERT_TRUE(write_group(device.as_call(), "coalesce", {{"adaptive_rx", 0}, {"rx_us", 0}}));
  EXPECT_EQ(device.coalesce.use_adaptive_rx_coalesce, 0u);
  EXPECT_EQ(device.coalesce.rx_coalesce_usecs, 0u);
}

TEST(Numbers, WhatDidNotTakeIsAnError) {
  FakeDevice device;
  const Status rounded = write_group(device.as_call(), "rings", {{"rx", 1000}});
  ASSERT_FALSE(rounded);
  EXPECT_EQ(rounded.error().what, "ethtool -G rx=1000: it reads rx=512 afterwards");
  EXPECT_EQ(write_group(device.as_call(), "channels", {{"combined", 9}}).error().code, EINVAL);
}

TEST(Features, AreAskedForAndThenActiveUnlessTheyNeedAnother) {
  FakeDevice device;
  EXPECT_EQ(read_features(device.as_call()).value(),
            (Fields{{"rx-gro", 1}, {"tx-checksum", 1}, {"tx-segmentation", 1}}));
  ASSERT_TRUE(write_features(device.as_call(), {{"tx-checksum", 0}}));
  EXPECT_EQ(read_features(device.as_call()).value().at("tx-segmentation"), 1u);
  EXPECT_EQ(read_active_features(device.as_call()).value().at("tx-segmentation"), 0u);
  // Put back as a whole: both were asked for.
  ASSERT_TRUE(write_features(device.as_call(), {{"tx-checksum", 1}, {"tx-segmentation", 1}}));
  EXPECT_EQ(device.features_requested, 0b1011u);
}

TEST(Features, OneThatThereIsNotIsNamedWithTheNearest) {
  FakeDevice device;
  const Status typo = write_features(device.as_call(), {{"rx-gor", 0}});
  ASSERT_FALSE(typo);
  EXPECT_NE(typo.error().what.find("'rx-gro'"), std::string::npos) << typo.error().what;
  EXPECT_FALSE(write_features(device.as_call(), {{"fixed", 1}}));
  EXPECT_EQ(device.features_requested, 0b1011u);
}

TEST(Steering, IsAddedAtTheEndOfTheTableAndTakenAway) {
  FakeDevice device;
  ethtool_rx_flow_spec owners{};  // a rule of the host's owner, of another shape
  owners.flow_type = TCP_V4_FLOW;
  owners.location = 15;
  device.rules[15] = owners;
  EXPECT_FALSE(read_steering(device.as_call(), 8003).value());
  ASSERT_TRUE(write_steering(device.as_call(), 8003, 3));
  EXPECT_EQ(read_steering(device.as_call(), 8003).value(), 3u);
  EXPECT_TRUE(device.rules.contains(14)) << "the last free place";
  ASSERT_TRUE(write_steering(device.as_call(), 8003, 5));  // the same rule, changed
  EXPECT_EQ(device.rules.size(), 2u);
  EXPECT_EQ(read_steering(device.as_call(), 8003).value(), 5u);
  EXPECT_FALSE(read_steering(device.as_call(), 8004).value());
  ASSERT_TRUE(write_steering(device.as_call(), 8003, std::nullopt));
  ASSERT_TRUE(write_steering(device.as_call(), 8003, std::nullopt)) << "twice is no error";
  EXPECT_EQ(device.rules.size(), 1u);
}

TEST(Steering, ToAQueueThatThereIsNotIsRefused) {
  FakeDevice device;
  EXPECT_EQ(write_steering(device.as_call(), 8003, 8).error().code, EINVAL);
  device.has_steering = false;
  EXPECT_EQ(read_steering(device.as_call(), 8003).error().code, EOPNOTSUPP);
}

TEST(Interrupts, AreThoseOfTheDeviceAndGoToTheCpusThatAreWritten) {
  const std::filesystem::path root = std::filesystem::path(::testing::TempDir()) / "interrupts";
  const KernelFiles files{.proc = root / "proc", .sys = root / "sys"};
  const auto make = [](const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  };
  for (const char* const irq : {"101", "99"}) {
    make(files.sys / "class/net/eth2/device/msi_irqs" / irq, "msix\n");
    make(files.proc / "irq" / irq / "smp_affinity_list", "0-7\n");
  }
  EXPECT_EQ(interrupts_of(files, "eth2").value(), (std::vector<std::uint32_t>{99, 101}));
  EXPECT_EQ(read_affinity(files, 99).value(), "0-7");
  ASSERT_TRUE(write_affinity(files, 99, "2"));
  EXPECT_EQ(read_affinity(files, 99).value(), "2");
  EXPECT_FALSE(read_affinity(files, 100));
  EXPECT_FALSE(write_affinity(files, 100, "2")) << "it must not be made";
  const auto virtual_one = interrupts_of(files, "veth0");
  ASSERT_FALSE(virtual_one);
  EXPECT_NE(virtual_one.error().what.find("veth0 has no interrupts"), std::string::npos);
}

}  // namespace
}  // namespace penstock
