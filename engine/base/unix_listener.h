// A Unix socket of SOCK_SEQPACKET that listens, for who comes over the file system or by an abstract name. A
// file that a killed process left is replaced; one at which somebody listens is not. It goes with this
// object.
//
// Thread safety: one thread. Non-blocking.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

class UnixListener {
 public:
  struct Wishes {
    int backlog = 8;
    std::optional<mode_t> mode{};  // of the file, before anybody can connect; none: as umask has it
    std::string taken_fix{};       // what to do where another process listens
  };

  // Errors: EADDRINUSE where somebody listens; what keeps the file from being made.
  static Result<UnixListener> open(const std::string& path, const Wishes& wishes);

  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  int fd() const { return fd_.get(); }
  // The next who waits; nobody's when there is none.
  UniqueFd accept() const;

 private:
  UnixListener() = default;

  UniqueFd fd_;
  std::string file_{};  // empty for an abstract name
};

}  // namespace penstock
