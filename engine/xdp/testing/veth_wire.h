// A veth pair for programs that are attached: frames go in at one end and meet the XDP program at the other.
//
//   send() ── pxb ══════ pxa ── XDP
//
// Neither end has an address, nor a link-local one, so that no other frame comes. Requires a network
// namespace of the test's own (netns_cc_test). Thread safety: one thread at a time.
#pragma once

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>

#include "engine/base/check.h"
#include "engine/base/unique_fd.h"

namespace penstock::testing {

class VethWire {
 public:
  static constexpr const char* kInterface = "pxa";

  VethWire() {
    run("ip link add name pxa type veth peer name pxb");
    for (const char* end : {"pxa", "pxb"})
      run(std::string("ip link set dev ") + end + " addrgenmode none up");
    index_ = if_nametoindex(kInterface);
    to_.sll_family = AF_PACKET;
    to_.sll_ifindex = static_cast<int>(if_nametoindex("pxb"));
    to_.sll_halen = 6;
    wire_ = UniqueFd(socket(AF_PACKET, SOCK_RAW, 0));
    PENSTOCK_CHECK(wire_);
  }
  VethWire(const VethWire&) = delete;
  VethWire& operator=(const VethWire&) = delete;
  ~VethWire() { run("ip link del dev pxa"); }

  unsigned index() const { return index_; }

  void send(std::span<const std::byte> frame) const {
    const auto* const to = reinterpret_cast<const sockaddr*>(&to_);
    const ssize_t sent = sendto(wire_.get(), frame.data(), frame.size(), 0, to, sizeof(to_));
    PENSTOCK_CHECK(sent == static_cast<ssize_t>(frame.size()));
  }

  static void run(const std::string& command) { PENSTOCK_CHECK(std::system(command.c_str()) == 0); }

 private:
  unsigned index_ = 0;
  sockaddr_ll to_{};
  UniqueFd wire_;
};

}  // namespace penstock::testing
