// ethtool requests (engine/xsk/ethtool.h) on an interface of a namespace.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/xsk/ethtool.h"
#include "sim/topology/netns.h"

namespace penstock {

// Thread safety: one object, one thread.
class Ethtool {
 public:
  static Result<Ethtool> open(const NetNamespace& ns, std::string interface);

  // `request` is one of the structures of linux/ethtool.h with its cmd set. `name` is for the error.
  Status call(void* request, const std::string& name) const;

  // The same for who does not care what takes it. Borrows this object.
  EthtoolCall as_call() const {
    return [this](void* request, const std::string& name) { return call(request, name); };
  }

 private:
  Ethtool(UniqueFd socket, std::string interface)
      : socket_(std::move(socket)), interface_(std::move(interface)) {}

  UniqueFd socket_;
  std::string interface_;
};

}  // namespace penstock
