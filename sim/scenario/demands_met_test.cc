// Every demand that some topology has not, as a user reads its refusal: the place in the file, the topology,
// the missing piece.
#include "sim/scenario/demands_met.h"

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr char kStart[] = R"(name = "s"
description = "d"
[workload]
profile = "first-light"
shreds = "unsigned"
[paths]
run = ["kernel_filter"]
)";

// Of a file with these lines behind it, of which the ninth line is the first.
RunPlan plan_of(const std::string& demand, Topology topology, const std::string& more = {}) {
  Result<std::vector<Scenario>> scenarios =
      parse_scenarios(kStart + ("[demand]\n" + demand + more), "s.toml");
  if (!scenarios) throw std::runtime_error(scenarios.error().message());
  RunPlan plan = plan_of(scenarios->front());
  plan.topology = topology;
  return plan;
}

// What is said of it; empty where it is met.
std::string said_of(const RunPlan& plan) {
  const auto unmet = unmet_demand(plan);
  return unmet ? refuse(plan, *unmet).value().what : "";
}

struct Case {
  const char* demand;
  const char* ring;  // the missing piece; empty: it is there
  const char* veth;
  const char* nic;
};

class DemandsMetTest : public ::testing::TestWithParam<Case> {};

TEST_P(DemandsMetTest, OrTheRefusalNamesThePlaceAndThePiece) {
  const Case& c = GetParam();
  const std::pair<Topology, std::string> wanted[] = {
      {Topology::kRing, c.ring}, {Topology::kVeth, c.veth}, {Topology::kNic, c.nic}};
  for (const auto& [topology, piece] : wanted) {
    const std::string said = said_of(plan_of(c.demand, topology));
    if (piece.empty()) {
      EXPECT_EQ(said, "") << to_string(topology);
      continue;
    }
    const std::size_t column = std::string(c.demand).find("= ") + 3;
    EXPECT_EQ(said, fmt::format("s.toml:9:{}: the topology {} does not offer what the scenario demands: {}",
                                column, to_string(topology), piece));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, DemandsMetTest,
    ::testing::Values(Case{"queues = 8", "", "", ""}, Case{"mtu = 3000", "", "", ""},
                      Case{"second_interface = true", "a second interface: it has one NIC", "",
                           "a second interface: a lab has one port at each end"},
                      Case{"bridge = true", "a bridge: it has one link", "",
                           "a bridge: what is between a lab's ports stands in no file"},
                      Case{"napi = \"decoupled\"", "decoupled NAPI: it has one thread for everything", "",
                           "decoupled NAPI: a port's runs where the lab file sends its interrupts"},
                      Case{"native_xdp = true", "native XDP: it has no driver", "", ""},
                      Case{"zero_copy = true", "zero-copy AF_XDP: it copies",
                           "zero-copy AF_XDP: a veth copies", ""},
                      Case{"ipv6 = true", "IPv6: it has no host stack", "", ""},
                      Case{"neighbours = \"dynamic\"", "dynamic neighbours: it has no host stack", "", ""}));

TEST(DemandsMet, HugePagesAreThoseThatAreFree) {
  for (const Topology topology : {Topology::kVeth, Topology::kNic}) {
    const std::string said = said_of(plan_of("huge_pages = 1048576", topology));
    EXPECT_EQ(said.find("s.toml:9:14: the topology"), 0u) << said;
    EXPECT_NE(said.find("1048576 huge pages of 2 MiB; "), std::string::npos) << said;
    EXPECT_EQ(said_of(plan_of("huge_pages = 0", topology)), "");
  }
  EXPECT_NE(said_of(plan_of("huge_pages = 1", Topology::kRing)).find("ordinary memory"), std::string::npos);
}

TEST(DemandsMet, SomeAreAtOddsWithEachOther) {
  const auto over_veth = [](const std::string& demand, const std::string& more, SenderKind sender) {
    RunPlan plan = plan_of(demand + "\n", Topology::kVeth, more);
    plan.sender = sender;
    return said_of(plan);
  };
  const std::string generic = "[receiver]\nattach = \"generic\"\n";
  EXPECT_EQ(over_veth("native_xdp = true", generic, SenderKind::kAfPacket).find("s.toml:9:14: "), 0u);
  EXPECT_NE(over_veth("bridge = true", "", SenderKind::kLiveFrames).find("live_frames through a bridge"),
            std::string::npos);
  for (const SenderKind sender : {SenderKind::kLiveFrames, SenderKind::kXdpTx})
    EXPECT_NE(over_veth("second_interface = true", "", sender).find(" over two interfaces"),
              std::string::npos);
  EXPECT_NE(over_veth("second_interface = true\nbridge = true", "", SenderKind::kAfPacket).find("a loop"),
            std::string::npos);
}

TEST(DemandsMet, WhatACommandLineAsksForHasNoPlace) {
  RunPlan plan = plan_of("zero_copy = true", Topology::kVeth);
  plan.demand.places.clear();
  EXPECT_EQ(said_of(plan).find("the topology veth"), 0u);
}

TEST(DemandsMet, OneThatAMatrixChoseStandsInTheMatrix) {
  const auto scenarios =
      parse_scenarios(kStart + std::string("[matrix]\ndemand.zero_copy = [false, true]\n"), "s.toml");
  ASSERT_TRUE(scenarios) << scenarios.error().message();
  EXPECT_EQ(said_of(plan_of(scenarios->at(0))), "");
  EXPECT_EQ(said_of(plan_of(scenarios->at(1))).find("s.toml:9:28: the topology veth"), 0u);
}

}  // namespace
}  // namespace penstock
