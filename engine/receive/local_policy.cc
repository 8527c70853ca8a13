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

// What the two dumps are read into.
struct Reading {
  unsigned interface_index = 0;
  LocalPolicy policy{};
  std::vector<Ipv4Address> own{};
  std::vector<Ipv4Address> others{};
};

struct RouteAttributes {
  std::uint32_t table = 0;
  std::uint32_t interface_index = 0;
  std::optional<Ipv4Address> destination{};
};

int read_route_attribute(const nlattr* attribute, void* state) {
  auto& route = *static_cast<RouteAttributes*>(state);
  if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0) return MNL_CB_OK;  // not one of the three below
  switch (mnl_attr_get_type(attribute)) {
    case RTA_TABLE:
      route.table = mnl_attr_get_u32(attribute);
      break;
    case RTA_OIF:
      route.interface_index = mnl_attr_get_u32(attribute);
      break;
    case RTA_DST:
      route.destination = Ipv4Address::from_network(mnl_attr_get_u32(attribute));
      break;
    default:
      break;
  }
  return MNL_CB_OK;
}

int read_route(const nlmsghdr* message, void* state) {
  auto& reading = *static_cast<Reading*>(state);
  const auto* info = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  if (message->nlmsg_type != RTM_NEWROUTE || info->rtm_type != RTN_LOCAL || info->rtm_dst_len != 32)
    return MNL_CB_OK;
  RouteAttributes route{.table = info->rtm_table};
  mnl_attr_parse(message, sizeof(*info), read_route_attribute, &route);
  if (route.table != RT_TABLE_LOCAL || !route.destination || route.destination->bytes[0] == 127)
    return MNL_CB_OK;
  const bool own = route.interface_index == reading.interface_index;
  (own ? reading.own : reading.others).push_back(*route.destination);
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

Status read_routes(int fd, Reading* reading) {
  std::array<char, 128> buffer{};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETROUTE;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  auto* info = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(rtmsg)));
  info->rtm_family = AF_INET;
  info->rtm_table = RT_TABLE_LOCAL;  // a filter with NETLINK_GET_STRICT_CHK, a hint without
  return ask(fd, request, read_route, reading, "read the local addresses");
}

void sort_and_append(std::vector<Ipv4Address> from, std::vector<Ipv4Address>* to) {
  std::sort(from.begin(), from.end());
  from.erase(std::unique(from.begin(), from.end()), from.end());
  for (const Ipv4Address address : from) {
    if (std::find(to->begin(), to->end(), address) == to->end()) to->push_back(address);
  }
}

LocalPolicy finish(Reading reading) {
  LocalPolicy policy = std::move(reading.policy);
  sort_and_append(std::move(reading.own), &policy.addresses);
  sort_and_append(std::move(reading.others), &policy.addresses);
  if (policy.addresses.size() > kMaxLocalAddresses) {
    policy.left_out = policy.addresses.size() - kMaxLocalAddresses;
    policy.addresses.resize(kMaxLocalAddresses);
  }
  if (policy.addresses.empty()) policy.addresses.push_back({});  // nothing is local: nothing is taken
  return policy;
}

}  // namespace

Result<LocalPolicyWatch> LocalPolicyWatch::open(unsigned interface_index) {
  LocalPolicyWatch watch(interface_index);
  Result<UniqueFd> events = open_netlink(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE);
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
    if (status) status = read_routes(requests_.get(), &reading);
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
