// Each part of a host's traffic fails its own check, and no other, when it goes wrong.
#include "sim/scenario/host_checks.h"

#include <errno.h>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr HostTrafficConfig kAsked{
    .pings = 100, .download_bytes = 1'000, .upload_bytes = 1'000, .neighbours = true, .sockets = true};

HostReport sound() {
  HostReport report;
  report.ping_in = report.ping_out = {.sent = 100, .received = 100, .worst = kMillisecond};
  report.download.bytes = report.upload.bytes = 1'000;
  report.sender.tcp_sent = 8'000;
  report.receiver.tcp_sent = 2'000;
  return report;
}

std::vector<std::string> failed(const HostReport& report, const HostReport& baseline = sound()) {
  std::vector<std::string> names;
  for (const Check& check : check_host("p", kAsked, report, baseline)) {
    EXPECT_FALSE(check.detail.empty());
    if (check.pass != true) names.push_back(check.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(HostChecks, ASoundHostPassesAll) {
  EXPECT_EQ(check_host("p", kAsked, sound(), sound()).size(), 6u);
  EXPECT_EQ(failed(sound()), Names{});
}

TEST(HostChecks, WhatWasNotAskedForIsNotChecked) {
  EXPECT_TRUE(check_host("p", {}, HostReport{}, HostReport{}).empty());
  const auto checks = check_host("p", {.sockets = true}, HostReport{}, HostReport{});
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].name, "p.host_sockets");
}

TEST(HostChecks, OnePingLostInEitherDirection) {
  HostReport report = sound();
  report.ping_in.received = 99;
  EXPECT_EQ(failed(report), Names{"p.host_ping"});
  report = sound();
  report.ping_out.received = 99;
  EXPECT_EQ(failed(report), Names{"p.host_ping"});
}

TEST(HostChecks, AnAnswerThatCameTwice) {
  HostReport report = sound();
  report.ping_in.duplicates = 1;
  EXPECT_EQ(failed(report), Names{"p.host_ping"});
}

TEST(HostChecks, PingsThatWereNotSent) {
  HostReport report = sound();
  report.ping_out = {.sent = 50, .received = 50};
  EXPECT_EQ(failed(report), Names{"p.host_ping"});
}

TEST(HostChecks, BytesThatDiffer) {
  HostReport report = sound();
  report.download.right = fail("other bytes");
  EXPECT_EQ(failed(report), Names{"p.host_download"});
  report = sound();
  report.upload.right = fail("the connection broke off", ECONNRESET);
  EXPECT_EQ(failed(report), Names{"p.host_upload"});
}

TEST(HostChecks, RetransmitsAboveBothLimits) {
  HostReport report = sound();
  report.sender.tcp_sent_again = 10;  // one in a thousand of 10,000
  EXPECT_EQ(failed(report), Names{});
  report.receiver.tcp_sent_again = 1;
  EXPECT_EQ(failed(report), Names{"p.host_retransmits"});
  HostReport baseline = sound();
  baseline.sender.tcp_sent_again = 6;  // twice as many may be
  EXPECT_EQ(failed(report, baseline), Names{});
  baseline.sender.tcp_sent_again = 5;
  EXPECT_EQ(failed(report, baseline), Names{"p.host_retransmits"});
}

TEST(HostChecks, NeighboursAndSockets) {
  HostReport report = sound();
  report.neighbours = fail("pen-receiver finds 192.0.2.1: nothing");
  report.sockets = fail("UDP socket bound to pen-receiver: no datagram came");
  EXPECT_EQ(failed(report), (Names{"p.host_neighbours", "p.host_sockets"}));
}

}  // namespace
}  // namespace penstock
