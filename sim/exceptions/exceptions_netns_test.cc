// Each declared exception as an experiment: the same host and the same frame, once with plain UDP sockets
// and once with each AF_XDP path, and what becomes of it is what the row says. So a row whose difference
// has vanished fails, and one that says something wrong. Runs under //ci/bazel:in_netns.sh.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <stdexcept>

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "engine/packet/frame_builder.h"
#include "sim/exceptions/exceptions.h"
#include "sim/oracle_fuzz/stage.h"
#include "sim/topology/iproute.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

constexpr std::uint16_t kSourcePort = 4242;
constexpr Ipv4Address kSource{{198, 18, 77, 1}};

// A row's experiment. What is left out is as usual.
struct Experiment {
  StageHost host{};
  Offloads sender_offloads{};
  std::function<Status(const VethTopology&)> before_witness{};  // changes the host
  std::function<Status(const VethTopology&)> after_witness{};
  AfXdpConfig receiver{.companion = Companion::kOwn};  // classifier and filter are set
  Ipv4Address oracle_bound_to{};
  std::vector<FrameBytes> frames{};
  std::function<Status(const VethTopology&)> send{};  // instead of frames
  bool other_program = false;                         // beside the receiver a program holds the ports
};

// What became of the datagram with payload().
struct Observed {
  Outcome outcome = Outcome::kDropped;
  KernelCounters kernel_before{}, kernel_after{};
  CounterSnapshot engine{};          // over the experiment
  std::vector<std::string> order{};  // payloads as handed out, for the tests of order
};

std::vector<std::byte> payload(std::size_t bytes = 100) {
  std::vector<std::byte> made(bytes, std::byte{0x5a});
  std::memcpy(made.data(), "the datagram", 12);
  return made;
}

bool is_ours(const Datagram& datagram) {
  return datagram.payload.size() >= 12 && std::memcmp(datagram.payload.data(), "the datagram", 12) == 0;
}

// The value, or the end of the test: there is nothing to observe without it.
template <typename T>
T value(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}
void expect_ok(const Status& status) {
  if (!status) throw std::runtime_error(status.error().message());
}

class Exception : public ::testing::Test {
 protected:
  // The headers of a datagram that every path delivers, to be spoiled.
  EthernetHeader ethernet() const { return {.destination = host_.mac(), .source = {{2, 0, 0, 0, 0, 1}}}; }
  Ipv4Header ip() const {
    Ipv4Header header;
    header.source = kSource;
    header.destination = host_.addresses().front();
    return header;
  }
  Ipv6Header ip6() const {
    Ipv6Header header;
    header.source = Ipv6Address::parse("2001:db8::99")->bytes;
    header.destination = host_.ipv6_addresses().front().bytes;
    return header;
  }
  UdpHeader udp() const { return {.source_port = kSourcePort, .destination_port = host_.ports.front()}; }
  template <typename Ip>
  FrameBytes frame(const Ip& ip, const UdpHeader& udp, std::size_t bytes = 100) const {
    const std::vector<std::byte> content = payload(bytes);
    return FrameBuilder().add(ethernet()).add(ip).add(udp).payload(content).build();
  }
  FrameBytes slow_frame() const {
    Ipv4Header with_options = ip();
    with_options.options = std::vector<std::byte>(4, std::byte{1});
    return frame(with_options, udp());
  }

  // Runs the experiment for Linux and for the paths and holds it to the row of this test's name.
  void expect_row(Experiment experiment) {
    const char* id = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    const DeclaredException* row = ExceptionTable::declared().find(id);
    ASSERT_NE(row, nullptr) << id;
    const Observed linux_did = observe(experiment, nullptr);
    EXPECT_EQ(is_delivered(linux_did.outcome), is_delivered(row->oracle))
        << "Linux: " << to_string(linux_did.outcome);
    check_counter(*row, linux_did);
    for (const auto& [filter, path] : kPaths) {
      experiment.receiver.filter = filter;
      const Observed path_did = observe(experiment, &experiment.receiver);
      EXPECT_EQ(to_string(path_did.outcome), to_string(row->paths.at(path))) << path;
      check_counter(*row, path_did);
    }
    EXPECT_TRUE(counter_moved_) << row->counter << " shows nothing";
  }

  Observed observe(const Experiment& experiment, const AfXdpConfig* receiver) {
    const std::unique_ptr<Stage> made = value(Stage::make(experiment.host, experiment.sender_offloads));
    Stage& stage = *made;
    const VethTopology& topology = stage.topology();
    if (experiment.before_witness) expect_ok(experiment.before_witness(topology));
    std::unique_ptr<Witness> other;
    if (receiver != nullptr && experiment.other_program)
      other = value(open_socket_witness(topology.receiver(), experiment.host.ports, false));
    if (receiver == nullptr) {
      expect_ok(stage.open_sockets(experiment.oracle_bound_to));
    } else {
      AfXdpConfig config = *receiver;
      const ClassifierConfig options = config.classifier;
      config.classifier = experiment.host.classifier();
      config.classifier.ipv6 = options.ipv6;
      config.classifier.verify_udp_checksum = options.verify_udp_checksum;
      expect_ok(stage.open_receiver(config));
    }
    if (experiment.after_witness) expect_ok(experiment.after_witness(topology));

    Observed observed{.kernel_before = value(stage.kernel_counters())};
    if (experiment.send) expect_ok(experiment.send(topology));
    const std::vector<Datagram> delivered = value(stage.run_until_valid(experiment.frames));
    observed.kernel_after = value(wait_for_quiesce([&] { return stage.kernel_counters(); }, 10 * kSecond));
    observed.engine = stage.counters();
    for (const Datagram& datagram : delivered)
      observed.order.emplace_back(reinterpret_cast<const char*>(datagram.payload.data()),
                                  datagram.payload.size());
    observed.outcome = outcome_of(delivered, other.get(), receiver, observed);
    return observed;
  }

 private:
  static constexpr std::pair<Filter, std::string_view> kPaths[] = {{Filter::kKernel, "kernel_filter"}};

  static Outcome outcome_of(const std::vector<Datagram>& delivered, Witness* other,
                            const AfXdpConfig* receiver, const Observed& observed) {
    const CounterSnapshot& engine = observed.engine;
    const auto grew = [&](const char* name) {
      return growth(observed.kernel_before, observed.kernel_after, name) != 0;
    };
    if (std::any_of(delivered.begin(), delivered.end(), is_ours)) {
      // Marks take the slow way too, one a port.
      const std::uint64_t slow_marks =
          receiver != nullptr && receiver->companion == Companion::kOwn ? StageHost{}.ports.size() : 0;
      return engine.sum(Counter::kSlowWayPublished) > slow_marks ? Outcome::kLate : Outcome::kDelivered;
    }
    if (other != nullptr) {
      std::vector<Datagram> theirs;
      expect_ok(other->take(theirs));
      if (std::any_of(theirs.begin(), theirs.end(), is_ours)) return Outcome::kElsewhere;
    }
    if (engine.sum(Counter::kDiscarded) + engine.sum(Counter::kSlowWayDiscarded) != 0)
      return Outcome::kDiscarded;
    return grew("Udp:NoPorts") || grew("Udp6NoPorts") ? Outcome::kRefused : Outcome::kDropped;
  }

  // The row's counter moves in the run that it is about: Linux's own, or a path's.
  void check_counter(const DeclaredException& row, const Observed& observed) {
    if (growth(observed.kernel_before, observed.kernel_after, row.counter) != 0) counter_moved_ = true;
    for (std::size_t i = 0; i < kCounterCount; ++i) {
      const auto counter = static_cast<Counter>(i);
      const CounterInfo& info = counter_info(counter);
      for (std::size_t value = 0; value < label_values(info.label); ++value) {
        const std::string name(info.name);
        const bool named =
            row.counter == name || row.counter == name + "{" + label_value(info.label, value) + "}";
        if (named && observed.engine.get(counter, value) != 0) counter_moved_ = true;
      }
    }
  }

  StageHost host_{};
  bool counter_moved_ = false;
};

Status run_ip(const VethTopology& topology, const std::string& line) {
  return ip_batch(topology.receiver().ns, {line});
}

TEST_F(Exception, udp_checksum_bad) {
  UdpHeader bad = udp();
  bad.checksum = ChecksumMode::kBad;
  expect_row({.frames = {frame(ip(), bad)}});
}

TEST_F(Exception, firewall_bypassed) {
  const auto drop = [](const VethTopology& topology) -> Status {
    const Result<std::string> done =
        check_program({.arguments = {"nft", "-f", "-"},
                       .input = "table inet penstock { chain in { type filter hook input priority 0;\n"
                                "udp sport 4242 drop; }; }\n",
                       .network_namespace = topology.receiver().ns.fd()});
    if (!done) return tl::unexpected(done.error());
    return {};
  };
  expect_row({.before_witness = drop, .frames = {frame(ip(), udp())}});
}

TEST_F(Exception, rp_filter_bypassed) {
  const auto strict = [](const VethTopology& topology) -> Status {
    const VethTopology::End& receiver = topology.receiver();
    if (Status s = receiver.ns.set_sysctl("ipv4/conf/" + receiver.interface + "/rp_filter", "1"); !s)
      return s;
    return run_ip(topology, "route add 198.18.77.0/24 dev lo");  // answers would leave elsewhere
  };
  expect_row({.before_witness = strict, .frames = {frame(ip(), udp())}});
}

TEST_F(Exception, address_gone) {
  Ipv4Header to_loopback = ip();
  to_loopback.destination = StageHost{}.addresses()[1];
  expect_row({.after_witness =
                  [](const VethTopology& topology) {
                    return run_ip(topology,
                                  "address del " + StageHost{}.addresses()[1].to_string() + "/32 dev lo");
                  },
              .frames = {frame(to_loopback, udp())}});
}

TEST_F(Exception, group_destination) {
  Ipv4Header to_all = ip();
  to_all.destination = {{255, 255, 255, 255}};
  expect_row({.oracle_bound_to = StageHost{}.addresses().front(), .frames = {frame(to_all, udp())}});
}

TEST_F(Exception, oversize) {
  expect_row({.frames = {frame(ip(), udp(), 1'473)}});
}

TEST_F(Exception, ipv6_off) {
  expect_row({.host = {.ipv6 = true}, .frames = {frame(ip6(), udp())}});
}

// A hop-by-hop header of padding between IPv6 and UDP.
TEST_F(Exception, ipv6_slow_way) {
  FrameBytes with_extension = frame(ip6(), udp());
  const std::uint8_t extension[8] = {17, 0, 1, 4, 0, 0, 0, 0};
  const auto* bytes = reinterpret_cast<const std::byte*>(extension);
  with_extension.insert(with_extension.begin() + 14 + 40, bytes, bytes + sizeof(extension));
  with_extension[14 + 6] = std::byte{0};
  with_extension[14 + 5] = static_cast<std::byte>(8 + 100 + sizeof(extension));
  Experiment experiment{.host = {.ipv6 = true}, .frames = {with_extension}};
  experiment.receiver.classifier.ipv6 = true;
  expect_row(std::move(experiment));
}

TEST_F(Exception, companion_off) {
  Experiment experiment{.frames = {slow_frame()}};
  experiment.receiver.companion = Companion::kOff;
  expect_row(std::move(experiment));
}

TEST_F(Exception, companion_external) {
  Experiment experiment{.frames = {slow_frame()}, .other_program = true};
  experiment.receiver.companion = Companion::kExternal;
  expect_row(std::move(experiment));
}

TEST_F(Exception, slow_way_late) {
  expect_row({.frames = {slow_frame()}});
  // And late it is: sent first, handed out last.
  FrameBytes fast = frame(ip(), udp(), 99);
  Experiment both{.frames = {slow_frame(), fast}};
  const auto lengths = [](const Observed& observed) {
    std::vector<std::size_t> all;
    for (const std::string& datagram : observed.order)
      all.push_back(datagram.size());
    return all;
  };
  EXPECT_EQ(lengths(observe(both, nullptr)), (std::vector<std::size_t>{100, 99}));
  EXPECT_EQ(lengths(observe(both, &both.receiver)), (std::vector<std::size_t>{99, 100}));
}

}  // namespace
}  // namespace penstock
