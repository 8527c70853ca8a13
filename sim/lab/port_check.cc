// What `ip -json` says of the interface.
#include "sim/lab/port_check.h"

#include <errno.h>

#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/nearest_name.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

using nlohmann::json;

Result<json> ip_json(const NetNamespace& ns, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"ip", "-json"});
  const Result<std::string> said =
      check_program({.arguments = std::move(arguments), .network_namespace = ns.fd()});
  if (!said) return tl::unexpected(said.error());
  // iproute2 says nothing at all where there is nothing.
  const json list = said->find('[') == std::string::npos ? json::array() : json::parse(*said, nullptr, false);
  if (!list.is_array()) return fail("ip -json: the answer is no list");
  return list;
}

bool leads_through(const json& route, const std::string& interface) {
  if (route.value("dev", "") == interface) return true;
  for (const json& hop : route.value("nexthops", json::array())) {
    if (hop.value("dev", "") == interface) return true;
  }
  return false;
}

Status carries_no_default_route(const NetNamespace& ns, const std::string& interface) {
  for (const std::string family : {"-4", "-6"}) {
    const Result<json> routes = ip_json(ns, {family, "route", "show", "table", "all"});
    if (!routes) return tl::unexpected(routes.error());
    for (const json& route : *routes) {
      const std::string type = route.value("type", "unicast");
      if (route.value("dst", "") != "default" || type == "unreachable" || !leads_through(route, interface))
        continue;
      return fail(fmt::format("{} carries the default route of this machine", interface), EBUSY,
                  "name another port in the lab file: this one is never taken");
    }
  }
  return {};
}

Status has_no_role(const json& link, const std::string& interface) {
  const auto flags = link.value("flags", std::vector<std::string>{});
  for (const std::string& flag : flags) {
    if (flag == "LOOPBACK")
      return fail(interface + " is the loopback", EINVAL, "name a port in the lab file");
  }
  if (link.contains("master")) {
    return fail(fmt::format("{} is a part of {}", interface, link["master"].get<std::string>()), EBUSY,
                fmt::format("`ip link set dev {} nomaster`, or name another port", interface));
  }
  if (link.contains("xdp")) {
    return fail(interface + " has an XDP program", EBUSY, "`bpftool net` shows whose; stop that first");
  }
  return {};
}

Status has_no_addresses(const json& link, const std::string& interface) {
  for (const json& address : link.value("addr_info", json::array())) {
    if (address.value("scope", "") == "link") continue;
    return fail(fmt::format("{} has the address {}/{}", interface, address.value("local", ""),
                            address.value("prefixlen", 0)),
                EBUSY, "if nobody needs it now, `may_have_addresses = true`: it is put back at the end");
  }
  return {};
}

}  // namespace

Status may_take(const NetNamespace& ns, const std::string& interface, bool may_have_addresses) {
  const Result<json> links = ip_json(ns, {"-details", "address", "show"});
  if (!links) return tl::unexpected(links.error());
  std::vector<std::string> names;
  for (const json& link : *links) {
    names.push_back(link.value("ifname", ""));
    if (names.back() != interface) continue;
    if (Status s = has_no_role(link, interface); !s) return s;
    if (Status s = carries_no_default_route(ns, interface); !s) return s;
    return may_have_addresses ? Status{} : has_no_addresses(link, interface);
  }
  return fail(fmt::format("there is no interface {} here; {}", interface, suggest_name(interface, names)),
              ENODEV);
}

}  // namespace penstock
