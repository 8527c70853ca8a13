// One dump of nftables' chains, and files of /proc.
#include "engine/doctor/bypass_checks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libmnl/libmnl.h>

#include "engine/base/read_file.h"

namespace penstock {
namespace {

constexpr std::uint32_t kIngressOfInet = 5, kIngressOfNetdev = 0;  // behind the hooks of ip, and alone

const char* family_name(std::uint8_t family) {
  switch (family) {
    case NFPROTO_INET:
      return "inet";
    case NFPROTO_IPV4:
      return "ip";
    case NFPROTO_IPV6:
      return "ip6";
    case NFPROTO_NETDEV:
      return "netdev";
    default:
      return nullptr;  // bridges and ARP stand on other ways
  }
}

bool is_on_the_way_in(std::uint8_t family, std::uint32_t hook) {
  if (family == NFPROTO_NETDEV) return hook == kIngressOfNetdev;
  return hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_IN || hook == kIngressOfInet;
}

struct Chains {
  std::vector<std::string> filtering{};  // those that datagrams for this host meet, and that do something
};

using Attributes = std::array<const nlattr*, NFTA_CHAIN_MAX + 1>;

template <std::size_t n>
int keep(const nlattr* attribute, void* into) {
  const std::uint16_t type = mnl_attr_get_type(attribute);
  if (type < n) (*static_cast<std::array<const nlattr*, n>*>(into))[type] = attribute;
  return MNL_CB_OK;
}

std::uint32_t number_of(const nlattr* attribute) {
  return attribute == nullptr ? 0 : ntohl(mnl_attr_get_u32(attribute));
}

int take_chain(const nlmsghdr* message, void* into) {
  Attributes attributes{};
  mnl_attr_parse(message, sizeof(nfgenmsg), keep<std::tuple_size_v<Attributes>>, &attributes);
  const nlattr* const hook_attribute = attributes[NFTA_CHAIN_HOOK];
  if (hook_attribute == nullptr) return MNL_CB_OK;  // only jumped to
  std::array<const nlattr*, NFTA_HOOK_MAX + 1> hook{};
  mnl_attr_parse_nested(hook_attribute, keep<std::tuple_size_v<decltype(hook)>>, &hook);
  const std::uint8_t family = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message))->nfgen_family;
  const char* const name = family_name(family);
  if (name == nullptr || !is_on_the_way_in(family, number_of(hook[NFTA_HOOK_HOOKNUM]))) return MNL_CB_OK;
  const nlattr* const policy = attributes[NFTA_CHAIN_POLICY];
  const bool drops = policy != nullptr && number_of(policy) == NF_DROP;
  const std::uint32_t rules = number_of(attributes[NFTA_CHAIN_USE]);
  if (rules == 0 && !drops) return MNL_CB_OK;
  static_cast<Chains*>(into)->filtering.push_back(
      fmt::format("{} {} {} ({} rules{})", name, mnl_attr_get_str(attributes[NFTA_CHAIN_TABLE]),
                  mnl_attr_get_str(attributes[NFTA_CHAIN_NAME]), rules, drops ? ", else drop" : ""));
  return MNL_CB_OK;
}

// Returns 0 or an errno.
int read_chains(Chains& chains) {
  const std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket(
      mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC), mnl_socket_close);
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) return errno;
  std::array<char, 16'384> buffer{};
  nlmsghdr* const request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request->nlmsg_seq = 1;
  auto* const header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(nfgenmsg)));
  header->nfgen_family = NFPROTO_UNSPEC;
  header->version = NFNETLINK_V0;
  if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0) return errno;
  const unsigned port = mnl_socket_get_portid(socket.get());
  for (;;) {
    const ssize_t bytes = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (bytes < 0) return errno;
    const int more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(bytes), 1, port, take_chain, &chains);
    if (more < 0) return errno;
    if (more == 0) return 0;
  }
}

void check_firewall(const std::filesystem::path& proc, Findings& findings) {
  constexpr const char* kWhat = "firewall";
  Chains chains;
  const int error = read_chains(chains);
  if (error == EPERM || error == EACCES) {
    findings.push_back(
        {Level::kOk, kWhat, "not looked at: that takes CAP_NET_ADMIN; the fast path is before it"});
    return;
  }
  if (!chains.filtering.empty()) {
    findings.push_back(
        {Level::kWarn, kWhat,
         fmt::format("the fast path is before it, so the engine is given what is forbidden by {}",
                     fmt::join(chains.filtering, ", ")),
         "`nft list ruleset` shows the rules: what the ports need has to be forbidden before this host"});
    return;
  }
  if (const std::string table = first_line_of(proc / "net/ip_tables_names"); !table.empty()) {
    findings.push_back({Level::kWarn, kWhat,
                        fmt::format("the fast path is before it: iptables has its table '{}' loaded", table),
                        "`iptables-legacy -S` shows whether rules forbid what the ports receive"});
    return;
  }
  findings.push_back({Level::kOk, kWhat, "no rules on the way in that the fast path would go past"});
}

void check_rp_filter(const std::string& interface, const std::filesystem::path& proc, Findings& findings) {
  const std::filesystem::path folder = proc / "sys/net/ipv4/conf";
  // The kernel takes the larger one: 1 strict, 2 loose.
  const std::string mode =
      std::max(first_line_of(folder / "all" / "rp_filter"), first_line_of(folder / interface / "rp_filter"));
  if (mode == "1") {
    findings.push_back(
        {Level::kWarn, "rp_filter",
         "strict: what comes from addresses that are routed elsewhere is dropped by the slow way, "
         "and delivered by the fast one",
         fmt::format("`sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.{}.rp_filter=2`", interface)});
    return;
  }
  findings.push_back({Level::kOk, "rp_filter", mode == "2" ? "loose" : "off"});
}

}  // namespace

void check_bypassed(const std::string& interface, const std::filesystem::path& proc, Findings& findings) {
  check_firewall(proc, findings);
  check_rp_filter(interface, proc, findings);
}

}  // namespace penstock
