// RTM_GETROUTE and RTM_GETLINK, and the events that say when to ask again.
#include "engine/receive/local_policy.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#include <libmnl/libmnl.h>

namespace penstock {
namespace {

// The kernel fills at most 32 KiB at a time.
using Buffer = std::array<char, 32768>;

// A dump that a change interrupted is asked for again, so many times before it is left for later.
constexpr int kDumpAttempts = 5;

Result<UniqueFd> open_netlink(unsigned groups) {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd) return fail("open an rtnetlink socket", errno);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return fail("bind an rtnetlink socket", errno);
  return fd;
}

// Addresses of one family: the interface's own, and those of all others.
template <typename Address>
struct Found {
  std::vector<Address> own{};
  std::vector<Address> others{};
};

// What the dumps are read into.
struct Reading {
  unsigned interface_index = 0;
  LocalPolicy policy{};
  Found<Ipv4Address> ipv4{};
  Found<Ipv6Address> ipv6{};
};

struct RouteAttributes {
  std::uint32_t table = 0;
  std::uint32_t interface_index = 0;
  std::span<const std::uint8_t> destination{};
};

int read_route_attribute(const nlattr* attribute, void* state) {
  auto& route = *static_cast<RouteAttributes*>(state);
  const bool is_u32 = mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0;
  switch (mnl_attr_get_type(attribute)) {
    case RTA_TABLE:
      if (is_u32) route.table = mnl_attr_get_u32(attribute);
      break;
    case RTA_OIF:
      if (is_u32) route.interface_index = mnl_attr_get_u32(attribute);
      break;
    case RTA_DST:
      route.destination = {static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)),
                           mnl_attr_get_payload_len(attribute)};
      break;
    default:
      break;
  }
  return MNL_CB_OK;
}

bool is_loopback(const Ipv4Address& address) {
  return address.bytes[0] == 127;
}
bool is_loopback(const Ipv6Address& address) {
  return address == Ipv6Address{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
}
bool is_link_local(const Ipv4Address& /*169.254.0.0/16 is an address like any other*/) {
  return false;
}
bool is_link_local(const Ipv6Address& address) {
  return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

template <typename Address>
void add_local(const RouteAttributes& route, unsigned interface_index, Found<Address>* found) {
  Address address;
  if (route.destination.size() != address.bytes.size()) return;
  std::copy(route.destination.begin(), route.destination.end(), address.bytes.begin());
  const bool own = route.interface_index == interface_index;
  if (is_loopback(address) || (is_link_local(address) && !own)) return;
  (own ? found->own : found->others).push_back(address);
}

int read_route(const nlmsghdr* message, void* state) {
  auto& reading = *static_cast<Reading*>(state);
  const auto* info = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  if (message->nlmsg_type != RTM_NEWROUTE || info->rtm_type != RTN_LOCAL) return MNL_CB_OK;
  RouteAttributes route{.table = info->rtm_table};
  mnl_attr_parse(message, sizeof(*info), read_route_attribute, &route);
  if (route.table != RT_TABLE_LOCAL) return MNL_CB_OK;
  if (info->rtm_family == AF_INET && info->rtm_dst_len == 32)
    add_local(route, reading.interface_index, &reading.ipv4);
  if (info->rtm_family == AF_INET6 && info->rtm_dst_len == 128)
    add_local(route, reading.interface_index, &reading.ipv6);
  return MNL_CB_OK;
}

int read_link_attribute(const nlattr* attribute, void* state) {
  auto& policy = *static_cast<LocalPolicy*>(state);
  if (mnl_attr_get_type(attribute) != IFLA_ADDRESS) return MNL_CB_OK;
  MacAddress mac;
  if (mnl_attr_get_payload_len(attribute) != mac.bytes.size()) return MNL_CB_OK;
  std::memcpy(mac.bytes.data(), mnl_attr_get_payload(attribute), mac.bytes.size());
  policy.mac = mac;
  return MNL_CB_OK;
}

int read_link(const nlmsghdr* message, void* state) {
  if (message->nlmsg_type == RTM_NEWLINK)
    mnl_attr_parse(message, sizeof(ifinfomsg), read_link_attribute, &static_cast<Reading*>(state)->policy);
  return MNL_CB_OK;
}

// Sends a request and runs `callback` over the answer. EINTR: a dump was interrupted by a change.
Status ask(int fd, const nlmsghdr* request, mnl_cb_t callback, Reading* reading, const char* what) {
  if (send(fd, request, request->nlmsg_len, 0) < 0) return fail(what, errno);
  Buffer buffer;
  int more = MNL_CB_OK;
  while (more > MNL_CB_STOP) {
    // The answer is there already: rtnetlink works in the caller's system call.
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got < 0) return fail(what, errno);
    more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), request->nlmsg_seq, 0, callback, reading);
    if (more < 0) return fail(what, errno);
    if ((request->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP) break;
  }
  return {};
}

Status read_link_of(int fd, Reading* reading) {
  std::array<char, 128> buffer{};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETLINK;
  request->nlmsg_flags = NLM_F_REQUEST;
  auto* info = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg)));
  info->ifi_index = static_cast<int>(reading->interface_index);
  return ask(fd, request, read_link, reading, "read the interface's MAC address");
}

Status read_routes(int fd, unsigned char family, Reading* reading) {
  std::array<char, 128> buffer{};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETROUTE;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  auto* info = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(rtmsg)));
  info->rtm_family = family;
  info->rtm_table = RT_TABLE_LOCAL;  // a filter with NETLINK_GET_STRICT_CHK, a hint without
  return ask(fd, request, read_route, reading, "read the local addresses");
}

// Own first, then others; each sorted, and no address twice.
template <typename Address>
std::vector<Address> in_order(Found<Address> found) {
  for (std::vector<Address>* part : {&found.own, &found.others}) {
    std::sort(part->begin(), part->end());
    part->erase(std::unique(part->begin(), part->end()), part->end());
  }
  std::vector<Address> all = found.own;
  std::set_difference(found.others.begin(), found.others.end(), found.own.begin(), found.own.end(),
                      std::back_inserter(all));
  return all;
}

// Cuts the list to `room`; returns how many were cut off.
template <typename Address>
std::size_t cut(std::size_t room, std::vector<Address>* list) {
  const std::size_t too_many = list->size() - std::min(room, list->size());
  list->resize(list->size() - too_many);
  return too_many;
}

LocalPolicy finish(Reading reading) {
  constexpr std::size_t kInline = PENSTOCK_INLINE_ADDRESSES;
  LocalPolicy policy = std::move(reading.policy);
  policy.addresses = in_order(std::move(reading.ipv4));
  policy.ipv6_addresses = in_order(std::move(reading.ipv6));
  policy.left_out = cut(kInline + LocalPolicyWatch::kMostListed, &policy.addresses);
  const std::size_t listed = policy.addresses.size() - std::min(kInline, policy.addresses.size());
  policy.left_out += cut(LocalPolicyWatch::kMostListed - listed, &policy.ipv6_addresses);
  if (policy.addresses.empty()) policy.addresses.push_back({});  // nothing is local: nothing is taken
  return policy;
}

}  // namespace

Result<LocalPolicyWatch> LocalPolicyWatch::open(unsigned interface_index, bool ipv6) {
  LocalPolicyWatch watch(interface_index, ipv6);
  Result<UniqueFd> events = open_netlink(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE |
                                         (ipv6 ? RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE : 0));
  if (!events) return fail("watch the local addresses", events.error());
  Result<UniqueFd> requests = open_netlink(0);
  if (!requests) return fail("read the local addresses", requests.error());
  constexpr int kOn = 1;
  // So that a router's full table is not dumped; kernels before 4.20 dump it, and read_route() picks.
  static_cast<void>(setsockopt(requests->get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &kOn, sizeof(kOn)));
  watch.events_ = std::move(*events);
  watch.requests_ = std::move(*requests);
  Result<LocalPolicy> policy = watch.read();
  if (!policy) return tl::unexpected(policy.error());
  watch.current_ = std::move(*policy);
  return watch;
}

Result<LocalPolicy> LocalPolicyWatch::read() const {
  for (int attempt = 1;; ++attempt) {
    Reading reading{.interface_index = interface_index_};
    Status status = read_link_of(requests_.get(), &reading);
    if (status) status = read_routes(requests_.get(), AF_INET, &reading);
    if (status && ipv6_) {
      status = read_routes(requests_.get(), AF_INET6, &reading);
      if (!status && status.error().code == ENOENT) status = {};  // no such table: the host has no IPv6
    }
    if (status) return finish(std::move(reading));
    // What is left of an interrupted dump must not be taken for the next answer.
    Buffer rest;
    while (recv(requests_.get(), rest.data(), rest.size(), 0) > 0) {
    }
    if (status.error().code != EINTR || attempt == kDumpAttempts) return tl::unexpected(status.error());
  }
}

void LocalPolicyWatch::read_events(Nanoseconds now) {
  Buffer unread;  // what changed does not matter: it is read anew
  bool any = false;
  for (;;) {
    const ssize_t got = recv(events_.get(), unread.data(), unread.size(), 0);
    if (got < 0 && errno != ENOBUFS) break;
    any = true;  // also after an overflow
  }
  if (!any) return;
  if (!changed_) first_change_ = now;
  changed_ = true;
  last_change_ = now;
}

Result<bool> LocalPolicyWatch::poll(Nanoseconds now) {
  read_events(now);
  if (!changed_) return false;
  if (now - last_change_ < kQuiet && now - first_change_ < kLongest) return false;
  Result<LocalPolicy> policy = read();
  if (!policy) {
    last_change_ = first_change_ = now;  // again in kQuiet, not at every call
    return tl::unexpected(policy.error());
  }
  changed_ = false;
  if (*policy == current_) return false;
  current_ = std::move(*policy);
  return true;
}

}  // namespace penstock
