// Three formats of text.
#include "sim/topology/kernel_counters.h"

#include <fstream>
#include <sstream>

namespace penstock {
namespace {

constexpr const char* kFolder = "/proc/thread-self/net/";

// Some settings among the counters are negative; as unsigned they are as good as any.
std::uint64_t number_of(const std::string& text) {
  return static_cast<std::uint64_t>(std::strtoll(text.c_str(), nullptr, 10));
}

// Pairs of lines, names and then values, each after "Ip:" or the like.
void read_pairs(const char* file, KernelCounters& counters) {
  std::ifstream in(std::string(kFolder) + file);
  std::string names_line;
  std::string values_line;
  while (std::getline(in, names_line) && std::getline(in, values_line)) {
    std::istringstream names(names_line);
    std::istringstream values(values_line);
    std::string protocol;
    std::string name;
    std::string value;
    names >> protocol;
    values >> value;
    while (names >> name && values >> value)
      counters[protocol + name] = number_of(value);
  }
}

// "Udp6InDatagrams   12"
void read_names(const char* file, KernelCounters& counters) {
  std::ifstream in(std::string(kFolder) + file);
  std::string name;
  std::string value;
  while (in >> name >> value)
    counters[name] = number_of(value);
}

// "FRAG: inuse 0 memory 0"
void read_usage(const char* file, KernelCounters& counters) {
  std::ifstream in(std::string(kFolder) + file);
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string what;
    std::string name;
    std::string value;
    words >> what;
    while (words >> name >> value)
      counters[what + name] = number_of(value);
  }
}

}  // namespace

Result<KernelCounters> read_kernel_counters(const NetNamespace& ns) {
  return run_in(ns, []() -> Result<KernelCounters> {
    KernelCounters counters;
    read_pairs("snmp", counters);
    read_pairs("netstat", counters);
    read_names("snmp6", counters);
    read_usage("sockstat", counters);
    read_usage("sockstat6", counters);
    if (counters.empty()) return fail(std::string("read the counters in ") + kFolder);
    return counters;
  });
}

std::uint64_t growth(const KernelCounters& before, const KernelCounters& after, const std::string& name) {
  const auto value = [&name](const KernelCounters& counters) {
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
  };
  return value(after) - value(before);
}

}  // namespace penstock
