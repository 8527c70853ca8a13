// Inbound frames of an interface, as the host's stack sees them: past XDP, before everything else.
//
// Needs CAP_NET_RAW. Thread safety: none.
#pragma once

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstddef>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/unique_fd.h"

namespace penstock {

class Inbound {
 public:
  using Frame = std::vector<std::byte>;

  explicit Inbound(const char* interface) : fd_(::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))) {
    sockaddr_ll at{};
    at.sll_family = AF_PACKET;
    at.sll_protocol = htons(ETH_P_ALL);
    at.sll_ifindex = static_cast<int>(if_nametoindex(interface));
    constexpr int kRoom = 16 << 20;  // the default holds about 140 frames
    EXPECT_EQ(setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kRoom, sizeof(kRoom)), 0);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  }
  // Takes what is there.
  void drain() {
    for (;;) {
      Frame frame(4096);
      sockaddr_ll from{};
      socklen_t length = sizeof(from);
      const ssize_t bytes = ::recvfrom(fd_.get(), frame.data(), frame.size(), MSG_DONTWAIT,
                                       reinterpret_cast<sockaddr*>(&from), &length);
      if (bytes < 0) return;
      frame.resize(static_cast<std::size_t>(bytes));
      if (from.sll_pkttype != PACKET_OUTGOING) frames.push_back(std::move(frame));
    }
  }

  std::vector<Frame> frames;

 private:
  UniqueFd fd_;
};

}  // namespace penstock
