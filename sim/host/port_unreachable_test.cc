// No ICMP port-unreachable for the engine's ports while it has them: from before the program is attached,
// through changes of the ports, until after it is detached.
//
// The witness is the receiver's own kernel, which counts what it sends (Icmp.OutDestUnreachs), with its rate
// limit for them taken off. Senders keep at it from the moment that a port is bound, which is before open()
// has come back, until just before it is let go of. That the witness sees is shown by the same receiver
// without a companion socket. Needs root.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "engine/receive/af_xdp_receiver.h"
#include "sim/topology/host_counters.h"
#include "sim/topology/testing/value_of.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

using testing::value_of;

constexpr std::uint16_t kPort = 8003;
constexpr std::uint16_t kOtherPort = 8004;

// Whether a UDP socket of this thread's namespace is bound to the port, as /proc tells.
bool is_bound(std::uint16_t port) {
  std::ifstream sockets("/proc/thread-self/net/udp");
  // "  12: 00000000:1F43 00000000:0000 07 ...": the local address comes first.
  const std::string local = fmt::format(": 00000000:{:04X} ", port);
  for (std::string line; std::getline(sockets, line);) {
    if (line.find(local) != std::string::npos) return true;
  }
  return false;
}

// Sends to one port of the receiver's host, some thousand datagrams a second, from the moment that the port
// is bound there (or at once) until it is stopped.
class Sender {
 public:
  Sender(const VethTopology& topology, std::uint16_t port, bool when_bound = true)
      : socket_(value_of(topology.sender().ns.socket(AF_INET, SOCK_DGRAM, 0))) {
    to_.sin_family = AF_INET;
    to_.sin_port = htons(port);
    to_.sin_addr.s_addr = topology.receiver().address.network();
    thread_ = value_of(start_thread_in(
        topology.receiver().ns,
        [this, port, when_bound](const std::stop_token& token) { run(token, port, when_bound); }));
  }

  std::uint64_t sent() const { return sent_; }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }

 private:
  void run(const std::stop_token& token, std::uint16_t port, bool when_bound) {
    while (when_bound && !token.stop_requested() && !is_bound(port)) {
    }
    while (!token.stop_requested()) {
      const std::uint64_t number = sent_;
      // An ICMP error that came meanwhile is told by ECONNREFUSED only to connected sockets.
      if (sendto(socket_.get(), &number, sizeof(number), 0, reinterpret_cast<const sockaddr*>(&to_),
                 sizeof(to_)) == sizeof(number)) {
        ++sent_;
      }
      usleep(200);
    }
  }

  UniqueFd socket_;
  sockaddr_in to_{};
  std::atomic<std::uint64_t> sent_{0};
  std::jthread thread_;  // last: it uses the others
};

class PortUnreachable : public ::testing::TestWithParam<Filter> {
 protected:
  void SetUp() override {
    // Not one is held back: type 3 is bit 3 of the mask of limited types.
    ASSERT_TRUE(topology_.receiver().ns.set_sysctl("ipv4/icmp_ratemask", "0"));
  }

  void open(Companion companion) {
    receiver_ = value_of(AfXdpReceiver::open({.filter = GetParam(),
                                              .interface = topology_.receiver().interface,
                                              .classifier = {.ports = {kPort}},
                                              .host_policy = HostPolicy::kFollowed,
                                              .companion = companion}));
  }

  // Receives until the condition holds.
  template <typename Condition>
  void receive_until(Condition&& condition) {
    const MonotonicClock clock;
    for (const Nanoseconds end = clock.now() + 20 * kSecond; !condition() && clock.now() < end;) {
      const std::span<const Frag> frags = receiver_->poll();
      for (const Frag& frag : frags)
        ++received_[frag.destination_port];
      receiver_->give_back(frags);
      if (frags.empty()) value_of(receiver_->wait(kMillisecond));
    }
    EXPECT_TRUE(condition());
  }
  void receive_more_of(const Sender& sender) {
    receive_until([&, enough = sender.sent() + 200] { return sender.sent() >= enough; });
  }
  // Whatever it has sent has come.
  void end(Sender& sender, std::uint16_t port) {
    sender.stop();
    receive_until([&] { return received_[port] == sender.sent(); });
  }

  std::uint64_t unreachables() const {
    return value_of(read_host_counters(topology_.receiver().ns)).icmp_unreachable;
  }

  // On a thread of the receiver's namespace.
  void in_receiver(const std::function<void()>& body) {
    value_of(run_in(topology_.receiver().ns, [&]() -> Status {
      body();
      return {};
    }));
  }

  const VethTopology topology_ = value_of(VethTopology::create({}));
  std::unique_ptr<AfXdpReceiver> receiver_;
  std::map<std::uint16_t, std::uint64_t> received_;
};

INSTANTIATE_TEST_SUITE_P(, PortUnreachable, ::testing::Values(Filter::kKernel, Filter::kUserspace),
                         [](const auto& filter) {
                           return filter.param == Filter::kKernel ? "KernelFilter" : "UserspaceFilter";
                         });

TEST_P(PortUnreachable, IsNeverSentForAPortThatTheEngineHas) {
  in_receiver([this] {
    Sender first(topology_, kPort);
    open(Companion::kOwn);
    receive_more_of(first);

    Sender second(topology_, kOtherPort);
    ASSERT_TRUE(receiver_->set_ports(std::array{kPort, kOtherPort}));
    receive_more_of(second);
    receive_more_of(first);
    end(second, kOtherPort);
    ASSERT_TRUE(receiver_->set_ports(std::array{kPort}));
    receive_more_of(first);

    receiver_->detach();
    receive_more_of(first);
    end(first, kPort);
    receiver_->stop();
    EXPECT_GT(receiver_->snapshot().sum(Counter::kPublished), 0u);
    EXPECT_GE(receiver_->snapshot().sum(Counter::kSlowWayPublished), 200u) << "after it was detached";
    receiver_.reset();
  });
  EXPECT_EQ(unreachables(), 0u);
}

// The control: the same moment without a socket that holds the port.
TEST_P(PortUnreachable, IsSentWithoutACompanionSocket) {
  in_receiver([this] {
    open(Companion::kOff);
    Sender sender(topology_, kPort, false);
    receive_more_of(sender);
    receiver_->detach();
    receive_more_of(sender);
    sender.stop();
    receiver_->stop();
    receiver_.reset();
  });
  EXPECT_GE(unreachables(), 100u);
}

}  // namespace
}  // namespace penstock
