// `ip -json address`, `ip route`, and /proc/sys/net.
#include "sim/lab/host_settings.h"

#include <errno.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/topology/iproute.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

Result<std::string> ip(const NetNamespace& ns, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ip");
  return check_program({.arguments = std::move(arguments), .network_namespace = ns.fd()});
}

// Whether it is up, and its addresses.
Status add_addresses(const NetNamespace& ns, const std::string& interface, std::vector<Setting>& to) {
  const Result<std::string> said = ip(ns, {"-json", "address", "show", "dev", interface});
  if (!said) return tl::unexpected(said.error());
  const auto links = nlohmann::json::parse(*said, nullptr, false);
  if (!links.is_array()) return fail("read the addresses of " + interface + ": ip's answer is no JSON list");
  for (const auto& link : links) {
    const auto flags = link.value("flags", std::vector<std::string>{});
    to.push_back({"up", std::find(flags.begin(), flags.end(), "UP") != flags.end() ? "on" : "off"});
    for (const auto& address : link.value("addr_info", nlohmann::json::array())) {
      if (address.value("scope", "") == "link") continue;  // made by the kernel
      std::string text = fmt::format("{}/{}", address.value("local", ""), address.value("prefixlen", 0));
      if (address.contains("broadcast")) text += " broadcast " + address["broadcast"].get<std::string>();
      to.push_back({std::string(kAddress) + text, "present"});
    }
  }
  return {};
}

// A line of `ip route show` is what `ip route add` takes, but for the words about its state.
std::string without_state(const std::string& line) {
  std::string text;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    if (word != "linkdown" && word != "dead") text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

Status add_routes(const NetNamespace& ns, const std::string& interface, std::vector<Setting>& to) {
  for (const std::string family : {"-4", "-6"}) {
    const Result<std::string> said = ip(ns, {family, "route", "show", "table", "all", "dev", interface});
    if (!said) return tl::unexpected(said.error());
    std::istringstream lines(*said);
    for (std::string line; std::getline(lines, line);) {
      const std::string words = " " + line + " ";
      const bool own = words.find(" proto kernel ") != std::string::npos ||
                       words.find(" proto ra ") != std::string::npos ||
                       words.find(" table local ") != std::string::npos;
      if (!own) to.push_back({fmt::format("{}{} {}", kRoute, family, without_state(line)), "present"});
    }
  }
  return {};
}

// On a thread in the namespace.
void add_sysctls_of(const std::string& folder, std::vector<Setting>& to) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/sys/net/" + folder, error)) {
    std::string value;
    // Some cannot be read (stable_secret before it is set), and then not be put back either.
    if (std::ifstream in(entry.path()); std::getline(in, value))
      to.push_back({fmt::format("{}{}/{}", kSysctl, folder, entry.path().filename().string()), value});
  }
}

}  // namespace

Result<std::vector<Setting>> read_host_settings(const NetNamespace& ns, const std::string& interface) {
  std::vector<Setting> settings;
  const Status read = run_in(ns, [&]() -> Status {
    add_sysctls_of("ipv4/conf/" + interface, settings);
    add_sysctls_of("ipv6/conf/" + interface, settings);
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  if (Status s = add_addresses(ns, interface, settings); !s) return tl::unexpected(s.error());
  if (Status s = add_routes(ns, interface, settings); !s) return tl::unexpected(s.error());
  return settings;
}

Status put_back(const NetNamespace& ns, const std::string& interface, const Setting& setting) {
  if (setting.name.starts_with(kAddress)) {
    return ip_batch(
        ns, {fmt::format("address replace {} dev {}", setting.name.substr(kAddress.size()), interface)});
  }
  const std::string words = setting.name.substr(kRoute.size());  // "-4 ROUTE"
  const std::string family = words.substr(0, 2), route = words.substr(3);
  const std::string line = fmt::format("route replace {} dev {}", route, interface);
  const Result<std::string> done = check_program(
      {.arguments = {"ip", family, "-batch", "-"}, .input = line + "\n", .network_namespace = ns.fd()});
  if (!done) return fail("ip " + line, done.error());
  return {};
}

Result<std::string> read_sysctl(const NetNamespace& ns, const std::string& name) {
  return run_in(ns, [&]() -> Result<std::string> {
    const std::string path = "/proc/sys/net/" + name;
    std::string value;
    if (std::ifstream in(path); !std::getline(in, value)) return fail("read " + path, ENOENT);
    return value;
  });
}

}  // namespace penstock
