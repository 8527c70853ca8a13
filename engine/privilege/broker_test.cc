// The receiver with a broker, in a process that has given its capabilities up; what the broker refuses; and
// that it ends with whom it serves. Needs root.
#include "engine/privilege/broker.h"

#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "engine/confine/capabilities.h"
#include "engine/privilege/broker_request.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/xsk/xsk_descriptor.h"

namespace penstock {
namespace {

// A test's own thread cannot have capabilities back, so each body runs in a child that has none.
template <typename Body>
void without_capabilities(Broker& broker, Body&& body) {
  const pid_t child = fork();
  if (child == 0) {
    const bool given_up = give_up_capabilities(Keep::kMemoryLock).has_value();
    EXPECT_TRUE(given_up);
    body(broker);
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "in the child, see above";
}

class BrokerTest : public ReceiverOnVeth, public ::testing::WithParamInterface<Filter> {
 protected:
  void SetUp() override {
    ReceiverOnVeth::SetUp();
    auto broker = Broker::start({.interfaces = {"pen1"}, .listed = true, .file = "none.toml"});
    ASSERT_TRUE(broker) << broker.error().message();
    broker_ = std::move(*broker);
  }
  AfXdpConfig config() const {
    AfXdpConfig config = config_of(GetParam());
    config.companion = Companion::kOwn;
    config.privileges = broker_.get();
    return config;
  }
  std::unique_ptr<Broker> broker_;
};

TEST_P(BrokerTest, AReceiverWithoutCapabilitiesReceivesAndHasItsProgramReplaced) {
  without_capabilities(*broker_, [&](Broker& /*broker*/) {
    ASSERT_FALSE(open_xsk()) << "there were capabilities left";
    const auto receiver = open_with(config());
    ASSERT_NE(receiver, nullptr);
    const auto receives = [&](int count) {
      std::uint64_t last = 0;
      for (int i = 0; i < count; ++i)
        last = send();
      return receive_until(*receiver, [&] { return times_.contains(last); });
    };
    EXPECT_TRUE(receives(20));
    for (const Loader loader : {Loader::kDirect, Loader::kLibbpf}) {
      auto fresh = receiver->load_programs(loader);
      ASSERT_TRUE(fresh) << fresh.error().message();
      const Status swapped = receiver->swap_programs(std::move(*fresh));
      ASSERT_TRUE(swapped) << swapped.error().message();
      EXPECT_TRUE(receives(20));
    }
    const std::uint16_t two[] = {kPort, kOtherPort};
    ASSERT_TRUE(receiver->set_ports(two));
    const std::uint64_t other = send({.port = kOtherPort});
    EXPECT_TRUE(receive_until(*receiver, [&] { return times_.contains(other); }));
    EXPECT_EQ(way_[other], WayIn::kAfXdp);
  });
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp")) << "the broker holds nothing";
  EXPECT_TRUE(eventually("! ip -o link | grep -q penstock"));
}

// While the broker lives: it must not hold what it gave.
TEST_P(BrokerTest, WhatTheReceiverLetsGoOfIsGone) {
  auto receiver = open_with(config());
  ASSERT_NE(receiver, nullptr);
  run("ip link show pen1 | grep -q xdp");
  receiver->detach();
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp"));
  receiver.reset();
  EXPECT_TRUE(eventually("! ip -o link | grep -q penstock"));
  const auto again = open_with(config());  // sockets and ports are free
  EXPECT_NE(again, nullptr);
  EXPECT_EQ(kill(broker_->pid(), 0), 0);
}

TEST_P(BrokerTest, AnotherInterfaceIsRefused) {
  if (GetParam() == Filter::kUserspace) {
    const auto tap = broker_->make_tap(if_nametoindex("pen0"));
    ASSERT_FALSE(tap);
    EXPECT_EQ(tap.error().code, EPERM);
    EXPECT_NE(tap.error().message().find("pen0"), std::string::npos) << tap.error().message();
    return;
  }
  auto object = broker_->load_receiver(Loader::kDirect, nullptr);
  ASSERT_TRUE(object) << object.error().message();
  const auto program = object->program("filter_by_port");
  ASSERT_TRUE(program);
  // Its name says one thing, its index another: the index counts.
  const auto link =
      broker_->attach(*program, {.interface = "pen1", .interface_index = if_nametoindex("pen0")});
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().code, EPERM);
  run("! ip link show pen0 | grep -q xdp");
}

TEST_P(BrokerTest, ErrorsComeOverWhole) {
  const std::uint16_t taken = 8003;
  const auto first = broker_->hold_udp_port(taken, 4096);
  ASSERT_TRUE(first) << first.error().message();
  const auto second = broker_->hold_udp_port(taken, 4096);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EADDRINUSE);
  EXPECT_NE(second.error().fix.find("ss -lunp"), std::string::npos) << second.error().message();
}

TEST_P(BrokerTest, NonsenseIsAnsweredAndTheNextRequestServed) {
  for (std::uint32_t kind = 0; kind < 20; ++kind) {
    ASSERT_TRUE(send_message(broker_->ended_fd(), MessageWriter().number(kind)));
    auto answer = receive_message(broker_->ended_fd());
    ASSERT_TRUE(answer) << kind;
    if (kind == static_cast<std::uint32_t>(BrokerRequest::kAskFreshDoctor)) continue;  // it carries nothing
    EXPECT_EQ(answer->number(), 0u) << kind;
    EXPECT_EQ(read_error(*answer).code, EBADMSG) << kind;
  }
  const auto socket = broker_->xsk_socket({});
  EXPECT_TRUE(socket) << socket.error().message();
}

TEST_P(BrokerTest, OneThatWasKilledIsAnErrorAndNotAWait) {
  ASSERT_EQ(kill(broker_->pid(), SIGKILL), 0);
  const auto socket = broker_->xsk_socket({});
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, EPIPE);
}

TEST_P(BrokerTest, EndsWithItsOwner) {
  const std::string comm = "/proc/" + std::to_string(broker_->pid()) + "/comm";
  EXPECT_TRUE(eventually("grep -qx pen-broker " + comm));
  broker_.reset();
  EXPECT_NE(access(comm.c_str(), F_OK), 0);
}

INSTANTIATE_TEST_SUITE_P(Filters, BrokerTest, ::testing::Values(Filter::kKernel, Filter::kUserspace),
                         [](const auto& each) {
                           return each.param == Filter::kKernel ? "Kernel" : "Userspace";
                         });

}  // namespace
}  // namespace penstock
