// How a sender on another host is reached. Thread safety: a value.
#pragma once

#include <string>
#include <vector>

namespace penstock {

struct RemoteHost {
  std::vector<std::string> ssh{};  // the command up to and with the host: {"ssh", "-p", "22", "root@host"}
  std::string runner{};            // there
  bool operator==(const RemoteHost&) const = default;
};

}  // namespace penstock
