// `penstock classify` over whole captures: the fixtures of shared/fixtures/classifier with the decisions of
// their index (INDEX.md), and the rows that judge the classifier, with every option. Needs root, for the
// kernel's verdict.
#include "engine/commands/classify_command.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/capture/capture.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"
#include "engine/metrics/counters.h"
#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

std::filesystem::path write_capture(const std::string& name, const std::vector<FrameRow>& rows) {
  std::filesystem::path path = std::filesystem::path(std::getenv("TEST_TMPDIR")) / name;
  auto writer = CaptureWriter::create(path);
  EXPECT_TRUE(writer) << writer.error().message();
  for (const FrameRow& row : rows)
    EXPECT_TRUE(writer->write(0, row.frame));
  EXPECT_TRUE(writer->close());
  return path;
}

std::vector<nlohmann::json> classify(const std::filesystem::path& capture, const ClassifierConfig& config) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::tmpfile(), std::fclose);
  const Status done = classify_capture(capture, config, out.get());
  EXPECT_TRUE(done) << done.error().message();
  std::rewind(out.get());
  std::vector<nlohmann::json> lines;
  char line[512];
  while (std::fgets(line, sizeof(line), out.get()) != nullptr)
    lines.push_back(nlohmann::json::parse(line));
  return lines;
}

void expect_rows(const std::string& name, const std::vector<FrameRow>& rows, const ClassifierConfig& config) {
  const std::vector<nlohmann::json> lines = classify(write_capture(name, rows), config);
  ASSERT_EQ(lines.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string word = rows[i].reason == PENSTOCK_TAKEN ? "take" : "pass";
    EXPECT_EQ(lines[i]["frame"], i);
    EXPECT_EQ(lines[i]["userspace"], word) << rows[i].name;
    EXPECT_EQ(lines[i]["kernel"], word) << rows[i].name;
    EXPECT_EQ(lines[i]["reason"], reason_name(rows[i].reason)) << rows[i].name;
    EXPECT_EQ(lines[i]["payload_length"], rows[i].payload_bytes) << rows[i].name;
  }
}

struct Fixture {
  std::string_view name;
  penstock_reason reason;
};

// Where the index names two reasons, the one that is checked first.
constexpr Fixture kFixtures[] = {
    {"arp_reply", PENSTOCK_ETHERTYPE},
    {"arp_request", PENSTOCK_ETHERTYPE},
    {"dns_query_a", PENSTOCK_PORT},
    {"dns_query_a_gre", PENSTOCK_GRE},
    {"icmp_echo", PENSTOCK_PROTOCOL},
    {"icmp_echo_gre", PENSTOCK_GRE},
    {"icmp_echo_reply", PENSTOCK_PROTOCOL},
    {"icmp_echo_reply_gre", PENSTOCK_GRE},
    {"ip4_ihl0", PENSTOCK_IHL},
    {"quic_initial", PENSTOCK_IP_CHECKSUM},
    {"quic_initial_gre", PENSTOCK_GRE},
    {"tcp_ack", PENSTOCK_PROTOCOL},
    {"tcp_ack_gre", PENSTOCK_GRE},
    {"tcp_fin", PENSTOCK_PROTOCOL},
    {"tcp_fin_gre", PENSTOCK_GRE},
    {"tcp_psh", PENSTOCK_PROTOCOL},
    {"tcp_psh_gre", PENSTOCK_GRE},
    {"tcp_rst", PENSTOCK_PROTOCOL},
    {"tcp_rst_gre", PENSTOCK_GRE},
    {"tcp_syn", PENSTOCK_PROTOCOL},
    {"tcp_syn_ack", PENSTOCK_PROTOCOL},
    {"tcp_syn_ack_gre", PENSTOCK_GRE},
    {"tcp_syn_gre", PENSTOCK_GRE},
};

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

TEST(ClassifyCommand, GivesTheIndexsDecisionForEveryFixture) {
  std::vector<FrameRow> rows;
  for (const Fixture& fixture : kFixtures) {
    const std::string name = "classifier/" + std::string(fixture.name) + ".bin";
    const auto path = testing::fixture(name);
    if (!path) GTEST_SKIP() << testing::fixture_absent(name);
    rows.push_back({name, bytes_of(testing::read_fixture(*path)), fixture.reason});
  }
  // And the one that the index makes out of quic_initial: a source that is no loopback, and the checksum
  // of that header.
  FrameRow repaired = rows[9];
  const unsigned source[] = {192, 0, 2, 1};
  for (std::size_t i = 0; i < 4; ++i)
    repaired.frame[26 + i] = static_cast<std::byte>(source[i]);
  repaired.frame[24] = std::byte{0x68};
  repaired.frame[25] = std::byte{0x1a};
  repaired.name += ", repaired";
  repaired.reason = PENSTOCK_TAKEN;
  repaired.payload_bytes = 1'200;
  rows.push_back(repaired);
  expect_rows("fixtures.pcap", rows, {.ports = {8001, 9090}});
  expect_rows("fixtures.pcap", rows, {.ports = {8001, 9090}, .addresses = {{{10, 1, 2, 3}}}});
}

TEST(ClassifyCommand, JudgesACaptureOfEveryRowAsTheLiveFiltersDo) {
  expect_rows("rows.pcap", frame_rows(), row_classifier());
  expect_rows("options.pcap", option_rows(), option_classifier());
}

TEST(ClassifyCommand, SaysThatTheKernelCannotBeAskedAboutAFrameTooLong) {
  ClassifierConfig config = row_classifier();
  config.max_frame = 9'000;
  const std::vector<FrameRow> rows = {{"jumbo", taken_frame(8'000), PENSTOCK_TAKEN, 8'000}};
  const std::vector<nlohmann::json> lines = classify(write_capture("jumbo.pcap", rows), config);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["userspace"], "take");
  EXPECT_EQ(lines[0]["kernel"], "unavailable");
}

}  // namespace
}  // namespace penstock
