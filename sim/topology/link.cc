// RTM_GETLINK requests and link notifications, by libmnl.
#include "sim/topology/link.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

#include <libmnl/libmnl.h>

namespace penstock {
namespace {

// A link message with all its attributes takes about 2 KiB; the kernel wants room for 32 KiB at most.
using Buffer = std::array<char, 32768>;

int read_attribute(const nlattr* attribute, void* state) {
  LinkState& link = *static_cast<LinkState*>(state);
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_MTU:
      link.mtu = mnl_attr_get_u32(attribute);
      break;
    case IFLA_NUM_RX_QUEUES:
      link.rx_queues = mnl_attr_get_u32(attribute);
      break;
    case IFLA_NUM_TX_QUEUES:
      link.tx_queues = mnl_attr_get_u32(attribute);
      break;
    case IFLA_IFALIAS:
      link.alias = mnl_attr_get_str(attribute);
      break;
    case IFLA_ADDRESS:
      if (mnl_attr_get_payload_len(attribute) == link.mac.bytes.size()) {
        std::memcpy(link.mac.bytes.data(), mnl_attr_get_payload(attribute), link.mac.bytes.size());
      }
      break;
    case IFLA_OPERSTATE:
      link.ready = mnl_attr_get_u8(attribute) == IF_OPER_UP;
      break;
    case IFLA_STATS64:  // newer kernels may append fields
      std::memcpy(&link.statistics, mnl_attr_get_payload(attribute),
                  std::min<std::size_t>(mnl_attr_get_payload_len(attribute), sizeof(link.statistics)));
      break;
    default:
      break;
  }
  return MNL_CB_OK;
}

// "noop" is the qdisc that drops; the kernel puts it there until the link is activated.
int find_noop(const nlattr* attribute, void* found) {
  if (mnl_attr_get_type(attribute) == IFLA_QDISC) {
    *static_cast<bool*>(found) = std::string_view(mnl_attr_get_str(attribute)) == "noop";
  }
  return MNL_CB_OK;
}

int read_link_message(const nlmsghdr* message, void* state) {
  LinkState& link = *static_cast<LinkState*>(state);
  const auto* info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  link.index = static_cast<unsigned>(info->ifi_index);
  link.administratively_up = (info->ifi_flags & IFF_UP) != 0;
  mnl_attr_parse(message, sizeof(*info), read_attribute, state);
  bool noop = false;
  mnl_attr_parse(message, sizeof(*info), find_noop, &noop);
  link.ready = link.ready && !noop;
  return MNL_CB_STOP;
}

Status send_request(int socket, const std::string& interface) {
  std::array<char, 256> buffer{};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETLINK;
  request->nlmsg_flags = NLM_F_REQUEST;
  mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
  if (!mnl_attr_put_strz_check(request, buffer.size(), IFLA_IFNAME, interface.c_str())) {
    return fail("ask for interface " + interface, ENAMETOOLONG);
  }
  if (send(socket, request, request->nlmsg_len, 0) < 0) return fail("ask for interface " + interface, errno);
  return {};
}

}  // namespace

Result<LinkReader> LinkReader::open(const NetNamespace& ns) {
  Result<UniqueFd> socket = ns.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  if (!socket) return tl::unexpected(socket.error());
  return LinkReader(std::move(*socket));
}

Result<LinkState> LinkReader::read(const std::string& interface) const {
  if (const Status sent = send_request(socket_.get(), interface); !sent) return tl::unexpected(sent.error());
  Buffer buffer;
  const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return fail("read interface " + interface, errno);
  LinkState link;
  if (mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), 0, 0, read_link_message, &link) < 0) {
    return fail("read interface " + interface, errno);
  }
  return link;
}

Status wait_until_ready(const NetNamespace& ns, const std::string& interface, Nanoseconds timeout) {
  const std::string what = "wait for the carrier of " + interface;
  // Subscribed before the first look, so that no change falls between the two.
  const Result<UniqueFd> events = ns.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (!events) return fail(what, events.error());
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (bind(events->get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) < 0) {
    return fail(what + ": bind netlink socket", errno);
  }
  const Result<LinkReader> reader = LinkReader::open(ns);
  if (!reader) return fail(what, reader.error());
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + timeout;
  for (;;) {
    const Result<LinkState> link = reader->read(interface);
    if (!link) return fail(what, link.error());
    if (link->ready) return {};
    const Nanoseconds left = deadline - clock.now();
    if (left <= 0) return fail(what, ETIMEDOUT, "look at `ip -d link` of both ends: is the peer up?");
    pollfd polled{events->get(), POLLIN, 0};
    const timespec limit{left / kSecond, left % kSecond};
    ppoll(&polled, 1, &limit, nullptr);
    Buffer unread;  // which link changed does not matter: the loop looks again
    while (recv(events->get(), unread.data(), unread.size(), 0) > 0) {
    }
  }
}

}  // namespace penstock
