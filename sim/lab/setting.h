// One setting of a port: a name, and what it is as a text that reads and writes alike (port.h lists them).
#pragma once

#include <string>

namespace penstock {

struct Setting {
  std::string name{};
  std::string value{};

  bool operator==(const Setting&) const = default;
};

}  // namespace penstock
