// What a result says about the lab that it was measured in.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace penstock {

struct LabPortRecord {
  std::string role;  // "sender"
  std::string interface {};
  std::string driver;    // `ethtool -i`
  std::string bus;       // empty for a virtual interface
  std::string firmware;  // empty where the driver does not say
  // By setting (port.h): as it was found and as the run had it. Of features those that the run asked for.
  std::map<std::string, std::string> found{}, set{};
  bool operator==(const LabPortRecord&) const = default;
};

struct LabRecord {
  std::string name;
  std::vector<LabPortRecord> ports{};
  bool operator==(const LabRecord&) const = default;
};

}  // namespace penstock
