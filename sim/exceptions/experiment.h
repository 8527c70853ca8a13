// A declared exception as an experiment: the same host and the same frame, once with plain UDP sockets and
// once with each receive path, and what becomes of it is what the row says. So a row whose difference has
// vanished fails, and one that says something wrong. Runs under //ci/bazel:in_netns.sh.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"
#include "sim/exceptions/exceptions.h"
#include "sim/oracle_fuzz/stage.h"

namespace penstock {

inline constexpr std::uint16_t kExperimentSourcePort = 4242;
inline constexpr Ipv4Address kExperimentSource{{198, 18, 77, 1}};

// A row's experiment. What is left out is as usual.
struct Experiment {
  FuzzHost host{};
  Offloads sender_offloads{};
  std::function<Status(const VethTopology&)> before_witness{};  // changes the host
  std::function<Status(const VethTopology&)> after_witness{};
  AfXdpConfig receiver{.companion = Companion::kOwn};  // classifier and filter are set by the path
  Ipv4Address oracle_bound_to{};
  std::vector<FrameBytes> frames{};
  std::function<Status(const VethTopology&)> send{};  // instead of frames
  bool other_program = false;                         // beside an AF_XDP path a program holds the ports
};

// What became of the datagram with payload().
struct Observed {
  Outcome outcome = Outcome::kDropped;
  KernelCounters kernel_before{}, kernel_after{};
  CounterSnapshot engine{};          // over the experiment
  std::vector<std::string> order{};  // payloads as handed out, for the tests of order
};

// The payload that is looked for.
std::vector<std::byte> experiment_payload(std::size_t bytes = 100);

class Exception : public ::testing::Test {
 protected:
  // The headers of a datagram that every path delivers, to be spoiled.
  EthernetHeader ethernet() const { return {.destination = host_.mac(), .source = {{2, 0, 0, 0, 0, 1}}}; }
  Ipv4Header ip() const {
    Ipv4Header header;
    header.source = kExperimentSource;
    header.destination = host_.addresses().front();
    return header;
  }
  Ipv6Header ip6() const {
    Ipv6Header header;
    header.source = Ipv6Address::parse("2001:db8::99")->bytes;
    header.destination = host_.ipv6_addresses().front().bytes;
    return header;
  }
  UdpHeader udp() const {
    return {.source_port = kExperimentSourcePort, .destination_port = host_.ports.front()};
  }
  template <typename Ip>
  FrameBytes frame(const Ip& ip, const UdpHeader& udp, std::size_t bytes = 100) const {
    const std::vector<std::byte> content = experiment_payload(bytes);
    return FrameBuilder().add(ethernet()).add(ip).add(udp).payload(content).build();
  }
  FrameBytes slow_frame() const {
    Ipv4Header with_options = ip();
    with_options.options = std::vector<std::byte>(4, std::byte{1});
    return frame(with_options, udp());
  }

  // Runs the experiment for Linux and for the paths and holds it to the row of this test's name.
  void expect_row(const Experiment& experiment);

  // Plain sockets where there is no path.
  Observed observe(const Experiment& experiment, std::optional<Path> path);

 private:
  void check_counter(const DeclaredException& row, const Observed& observed);

  FuzzHost host_{};
  bool counter_moved_ = false;
};

}  // namespace penstock
