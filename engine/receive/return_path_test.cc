// What is not ours behind the userspace filter: the host gets it, on the interface that it came from, and
// when the way back breaks the host is not cut off. On a veth in a namespace of its own.
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "engine/receive/testing/inbound.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

using Frame = Inbound::Frame;

bool is_arp(const Frame& frame) {
  return frame[12] == std::byte{8} && frame[13] == std::byte{6};
}
bool is_ipv4_protocol(const Frame& frame, int protocol) {
  return frame[12] == std::byte{8} && frame[13] == std::byte{0} && frame[23] == std::byte(protocol);
}

constexpr const char* kNoTap = "! ip -o link | grep -q penstock";
constexpr const char* kNoXdp = "! ip link show pen1 | grep -q xdp";

class ReturnPathTest : public ReceiverOnVeth {
 protected:
  static std::unique_ptr<AfXdpReceiver> open(AfXdpConfig config = {}) {
    return open_with(config_of(Filter::kUserspace, std::move(config)));
  }
  static FrameBuilder to_us(std::uint16_t id = 0) {
    FrameBuilder builder;
    builder.add(EthernetHeader{.destination = kMac, .source = kFarMac});
    if (id != 0) builder.add(Ipv4Header{.source = kFarAddress, .destination = kAddress, .id = id});
    return builder;
  }
  static Frame arp_request() {
    return to_us()
        .add(ArpHeader{.sender_mac = kFarMac, .sender_address = kFarAddress, .target_address = kAddress})
        .build();
  }
  static Frame ping(std::uint16_t id) {
    return to_us(id).add(IcmpEchoHeader{.id = 7, .sequence = id}).build();
  }
  static Frame syn(std::uint16_t id) {
    return to_us(id).add(TcpHeader{.source_port = 40000, .destination_port = 9}).build();
  }

  // returned_to_host = return_written + overrun{return} + tap_error, once the tile has caught up.
  static bool return_account_closed(const AfXdpReceiver& receiver) {
    const CounterSnapshot c = receiver.snapshot();
    return c.get(Counter::kReturnedToHost) ==
           c.get(Counter::kReturnWritten) + c.overrun(Consumer::kReturn) + c.get(Counter::kTapError);
  }
};

TEST_F(ReturnPathTest, WhatIsNotOursReachesTheHostsStackAsItCameAndInOrder) {
  Inbound host("pen1"), answers("pen0");
  const auto receiver = open({.companion = Companion::kOwn});
  ASSERT_NE(receiver, nullptr);
  std::vector<Frame> foreign;
  std::size_t ours = 0;
  for (std::uint16_t i = 1; i <= 100; ++i) {
    foreign.push_back(i % 10 == 1 ? arp_request() : ping(i));
    foreign.push_back(syn(i));
    foreign.push_back(datagram(i, {.port = kOtherPort}));
    for (std::size_t f = foreign.size() - 3; f < foreign.size(); ++f) {
      send_frame(foreign[f]);
      send();
      ++ours;
    }
    if (i % 7 == 0) receive_all(*receiver);
  }
  ASSERT_TRUE(receive_until(*receiver, [&] {
    host.drain();
    return host.frames.size() >= foreign.size();
  }));
  EXPECT_TRUE(host.frames == foreign) << "every one, byte for byte, in the order of the wire, and no other";
  EXPECT_EQ(times_.size(), ours);

  answers.drain();
  const auto answered = [&](auto&& condition) {
    return std::count_if(answers.frames.begin(), answers.frames.end(), condition);
  };
  EXPECT_EQ(answered(is_arp), 10);
  EXPECT_EQ(answered([](const Frame& f) { return is_ipv4_protocol(f, 6); }), 100) << "RST";
  EXPECT_GE(answered([](const Frame& f) { return is_ipv4_protocol(f, 1); }), 90) << "echo replies";
  EXPECT_TRUE(return_account_closed(*receiver));
  const CounterSnapshot c = receiver->snapshot();
  EXPECT_EQ(c.get(Counter::kReturnWritten), foreign.size());
  EXPECT_EQ(c.get(Counter::kRxDescriptors), foreign.size() + ours);
}

TEST_F(ReturnPathTest, ASocketSeesTheOriginalInterface) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(kOtherPort);
  const int on = 1;
  ASSERT_EQ(setsockopt(socket.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)), 0);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  const auto receiver = open();
  ASSERT_NE(receiver, nullptr);
  const std::uint64_t tag = send({.port = kOtherPort});

  std::uint64_t got = 0;
  iovec vector{&got, sizeof(got)};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo))> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ASSERT_TRUE(receive_until(*receiver, [&] { return ::recvmsg(socket.get(), &message, MSG_DONTWAIT) > 0; }));
  EXPECT_EQ(got, tag);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  ASSERT_NE(header, nullptr);
  ASSERT_EQ(header->cmsg_type, IP_PKTINFO);
  in_pktinfo info;
  std::memcpy(&info, CMSG_DATA(header), sizeof(info));
  EXPECT_EQ(static_cast<unsigned>(info.ipi_ifindex), if_nametoindex("pen1"));
}

TEST_F(ReturnPathTest, ScopeUdpLeavesTheRestInTheKernel) {
  Inbound host("pen1");
  const auto receiver = open({.scope = TakeScope::kUdp});
  ASSERT_NE(receiver, nullptr);
  const std::vector<Frame> foreign = {arp_request(), ping(1), syn(2), datagram(3, {.port = kOtherPort})};
  for (const Frame& frame : foreign)
    send_frame(frame);
  ASSERT_TRUE(receive_until(*receiver, [&] {
    host.drain();
    return host.frames.size() >= foreign.size();
  }));
  EXPECT_TRUE(host.frames == foreign);
  ASSERT_TRUE(receiver->refresh_counters());
  const CounterSnapshot c = receiver->snapshot();
  EXPECT_EQ(c.get(Counter::kReturnWritten), 1u);
  EXPECT_EQ(c.sum(Counter::kXdpPass), 3u);
}

TEST_F(ReturnPathTest, AFullLinkLosesTheOldestAndCountsThem) {
  Inbound host("pen1");
  const auto receiver = open({.return_depth = 4});
  ASSERT_NE(receiver, nullptr);
  for (std::uint16_t i = 1; i <= 200; ++i)
    send_frame(ping(i));
  while (receiver->snapshot().get(Counter::kReturnedToHost) < 200)
    receive_batch(*receiver);
  receiver->detach();
  receiver->stop();
  const CounterSnapshot c = receiver->snapshot();
  EXPECT_TRUE(return_account_closed(*receiver));
  EXPECT_GT(c.overrun(Consumer::kReturn), 0u);
  EXPECT_GT(c.get(Counter::kReturnWritten), 0u);
  host.drain();
  EXPECT_EQ(host.frames.size(), c.get(Counter::kReturnWritten)) << "whole frames or nothing";
  EXPECT_TRUE(host.frames.back() == ping(200));
}

TEST_F(ReturnPathTest, StoppingHandsOverWhatIsOnItsWay) {
  Inbound host("pen1");
  auto receiver = open();
  ASSERT_NE(receiver, nullptr);
  for (std::uint16_t i = 1; i <= 200; ++i)
    send_frame(ping(i));  // they lie in the RX ring
  receiver->detach();
  send_frame(ping(201));  // past the program
  while (receive_batch(*receiver) || receiver->snapshot().get(Counter::kReturnedToHost) < 200) {
  }
  receiver->stop();
  EXPECT_TRUE(return_account_closed(*receiver));
  EXPECT_EQ(receiver->snapshot().get(Counter::kReturnWritten), 200u);
  host.drain();
  EXPECT_EQ(host.frames.size(), 201u);
  receiver.reset();
  EXPECT_TRUE(eventually(kNoTap));
  run(kNoXdp);
}

// The TAP is taken down, or deleted, by somebody: not more than the switch's 100 ms of frames are lost.
TEST_F(ReturnPathTest, WithoutItsTapTheHostIsNotCutOff) {
  Inbound host("pen1");
  const auto receiver = open();
  ASSERT_NE(receiver, nullptr);
  const std::string tap = receiver->return_path()->tap().name();
  const auto stalled = [&] {
    EXPECT_TRUE(receiver->refresh_counters());
    return receiver->snapshot().get(Counter::kXdpPass, PENSTOCK_ENGINE_STALLED);
  };
  const auto ping_seen = [&](std::uint16_t id) {
    host.drain();
    return std::find(host.frames.begin(), host.frames.end(), ping(id)) != host.frames.end();
  };
  std::uint16_t id = 0;
  const auto ping_on = [&](auto&& condition) {
    return receive_until(*receiver, [&] {
      send_frame(ping(++id));
      return condition();
    });
  };
  run("ip link set dev " + tap + " down");
  const auto refused = [&] { return receiver->snapshot().get(Counter::kTapError); };
  ASSERT_TRUE(ping_on([&] { return refused() > 0 && stalled() > 0 && ping_seen(id); })) << "all passes";

  run("ip link set dev " + tap + " up");
  const std::uint64_t written = receiver->snapshot().get(Counter::kReturnWritten);
  ASSERT_TRUE(ping_on([&] { return receiver->snapshot().get(Counter::kReturnWritten) > written; }))
      << "it goes on when the TAP is up again";
  EXPECT_TRUE(receive_until(*receiver, [&] { return return_account_closed(*receiver); }));

  run("ip link del dev " + tap);
  const std::uint64_t before = stalled();
  ASSERT_TRUE(ping_on([&] { return stalled() > before && ping_seen(id); }));
  EXPECT_TRUE(receive_until(*receiver, [&] { return return_account_closed(*receiver); }));
}

TEST_F(ReturnPathTest, TheInterfaceGoesMidRun) {
  auto receiver = open({.companion = Companion::kOwn});
  ASSERT_NE(receiver, nullptr);
  send_frame(ping(1));
  receive_all(*receiver);
  run("ip link del pen0");
  Status status;
  const MonotonicClock clock;
  for (const Nanoseconds end = clock.now() + 10 * kSecond; status && clock.now() < end;) {
    receive_batch(*receiver);
    status = receiver->wait(kMillisecond);
  }
  ASSERT_FALSE(status) << "it is noticed";
  EXPECT_EQ(status.error().code, ENXIO) << status.error().message();
  receiver.reset();
  EXPECT_TRUE(eventually(kNoTap));
}

TEST_F(ReturnPathTest, GenericModeIsRefusedAndLeavesNothing) {
  AfXdpConfig config = config_of(Filter::kUserspace, {.companion = Companion::kOwn});
  config.attach_mode = AttachMode::kGeneric;
  const auto receiver = AfXdpReceiver::open(config);
  ASSERT_FALSE(receiver);
  EXPECT_NE(receiver.error().what.find("loop"), std::string::npos) << receiver.error().message();
  EXPECT_NE(receiver.error().fix.find("kernel filter"), std::string::npos);
  run(kNoXdp);
  run(kNoTap);
  // The kernel filter may: what it passes is never put back.
  config.filter = Filter::kKernel;
  const auto kernel_filter = open_with(config);
  ASSERT_NE(kernel_filter, nullptr);
  run("ip link show pen1 | grep -q xdpgeneric");
  const std::uint64_t tag = send();
  receive_all(*kernel_filter);
  EXPECT_EQ(times_[tag], 1);
}

TEST_F(ReturnPathTest, WithoutTheTunModuleOpenSaysWhatToDo) {
  run("mount -t tmpfs none /dev/net");
  const auto receiver = AfXdpReceiver::open(config_of(Filter::kUserspace));
  run("umount /dev/net");
  ASSERT_FALSE(receiver);
  EXPECT_EQ(receiver.error().code, ENOENT);
  EXPECT_NE(receiver.error().fix.find("modprobe tun"), std::string::npos) << receiver.error().message();
  run(kNoXdp);
}

TEST_F(ReturnPathTest, KillMinusNineLeavesNothingAndTheHostGetsEverything) {
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto receiver = AfXdpReceiver::open(config_of(Filter::kUserspace));
    const char told = receiver ? '1' : '0';
    if (write(ready[1], &told, 1) != 1) _exit(1);
    for (;;)
      static_cast<void>((*receiver)->wait(kMillisecond));
  }
  char told = 0;
  ASSERT_EQ(read(ready[0], &told, 1), 1);
  ASSERT_EQ(told, '1');
  run("ip -o link | grep -q penstock && tc qdisc show | grep -q clsact");
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  close(ready[0]);
  close(ready[1]);
  EXPECT_TRUE(eventually(kNoTap));
  EXPECT_TRUE(eventually(kNoXdp));
  run("! tc qdisc show | grep -q clsact");
  Inbound host("pen1");
  send_frame(ping(1));
  host.drain();
  EXPECT_EQ(host.frames.size(), 1u);
}

}  // namespace
}  // namespace penstock
