// One RTM_GETLINK by libmnl.
#include "engine/metrics/device_counters.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <libmnl/libmnl.h>

#include "engine/base/unique_fd.h"

namespace penstock {
namespace {

int take_statistics(const nlattr* attribute, void* into) {
  if (mnl_attr_get_type(attribute) != IFLA_STATS64) return MNL_CB_OK;
  std::memcpy(into, mnl_attr_get_payload(attribute),  // newer kernels may append fields
              std::min<std::size_t>(mnl_attr_get_payload_len(attribute), sizeof(rtnl_link_stats64)));
  return MNL_CB_STOP;
}

int take_message(const nlmsghdr* message, void* into) {
  return mnl_attr_parse(message, sizeof(ifinfomsg), take_statistics, into);
}

}  // namespace

DeviceCounters& DeviceCounters::operator+=(const DeviceCounters& other) {
  rx_packets += other.rx_packets;
  rx_bytes += other.rx_bytes;
  rx_dropped += other.rx_dropped;
  rx_missed += other.rx_missed;
  rx_errors += other.rx_errors;
  return *this;
}

Result<DeviceCounters> read_device_counters(const std::string& interface) {
  const std::string doing = "read the counters of " + interface;
  const UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket) return fail(doing, errno);
  alignas(nlmsghdr) std::array<char, 32768> buffer{};  // the most that the kernel puts into one message
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETLINK;
  request->nlmsg_flags = NLM_F_REQUEST;
  mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
  mnl_attr_put_strz(request, IFLA_IFNAME, interface.c_str());
  if (send(socket.get(), request, request->nlmsg_len, 0) < 0) return fail(doing, errno);
  const ssize_t got = recv(socket.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return fail(doing, errno);
  rtnl_link_stats64 kernel{};
  if (mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), 0, 0, take_message, &kernel) < 0)
    return fail(doing, errno);
  return DeviceCounters{.rx_packets = kernel.rx_packets,
                        .rx_bytes = kernel.rx_bytes,
                        .rx_dropped = kernel.rx_dropped,
                        .rx_missed = kernel.rx_missed_errors,
                        .rx_errors = kernel.rx_errors};
}

}  // namespace penstock
