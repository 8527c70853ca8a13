// Anonymous network namespaces: no name, no mount, no process of their own. Only a descriptor holds one,
// so that the kernel removes it, with every interface in it, when this process ends however it ends.
//
// What belongs to a namespace: sockets belong to the one that their creator was in, and may then be used
// from any thread. Threads belong to one; setns moves only the calling thread. /proc/sys/net is that of
// the calling thread, /proc/thread-self/net too, but /proc/net is the main thread's and /sys/class/net
// that of whoever mounted /sys.
//
// Needs CAP_SYS_ADMIN. Thread safety: const methods from any thread. The kernel removes a namespace some
// milliseconds after its last holder has gone (a descriptor, a thread or process in it, a socket).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

class NetNamespace {
 public:
  // A new one, with lo up.
  static Result<NetNamespace> create();
  // The one that the calling thread is in.
  static Result<NetNamespace> current();

  int fd() const { return fd_.get(); }
  // A path that other programs of this PID namespace can open while this object lives: what iproute2
  // takes as `netns`.
  std::string path() const;

  // socket(2) in this namespace, close-on-exec.
  Result<UniqueFd> socket(int domain, int type, int protocol) const;

  // Writes a file below /proc/sys/net of this namespace and reads it back: "ipv4/conf/all/rp_filter".
  Status set_sysctl(const std::string& name, const std::string& value) const;

 private:
  explicit NetNamespace(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

// Moves the calling thread for good.
Status enter(const NetNamespace& ns);

// Starts a thread inside the namespace; like every std::jthread it is asked to stop and joined when its
// owner goes. `body` must not throw.
Result<std::jthread> start_thread_in(const NetNamespace& ns, std::function<void(std::stop_token)> body);

// Runs `body` to its end on a fresh thread inside the namespace. It returns a Result, and so does this.
template <typename Body, typename R = std::invoke_result_t<Body>>
R run_in(const NetNamespace& ns, Body&& body) {
  std::optional<R> result;
  std::thread([&] {
    const Status entered = enter(ns);
    result.emplace(entered ? body() : R(tl::unexpected(entered.error())));
  }).join();
  return std::move(*result);
}

}  // namespace penstock
