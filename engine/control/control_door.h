// Where an operator's commands reach a running engine: a Unix socket in the file system.
//
//   penstock reload ── connect ──► request ──► serve(), on the supervising thread ──► answer ──► hangs up
//
// Who may: root and the engine's own user, by the credentials that the kernel has of the peer, behind a file
// of mode 0600. Whoever else comes is hung up on.
//
// What clients can cost: kMostClients descriptors for kPatience each; a request that is too long is answered
// without being looked at, and nobody is waited for.
//
// Thread safety: one thread. Never blocks.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/base/unix_listener.h"
#include "engine/control/control_message.h"

namespace penstock {

class ControlDoor {
 public:
  static constexpr std::size_t kMostClients = 8;
  static constexpr Nanoseconds kPatience = 2 * kSecond;  // with a client that asks nothing

  using Serve = std::function<ControlAnswer(std::string_view request)>;

  // Errors: EADDRINUSE where another engine listens; what keeps the file from being made.
  static Result<ControlDoor> open(const std::string& path);

  // Readable when somebody comes in. What clients ask is for the next tend().
  int fd() const { return listener_.fd(); }

  // Lets in who waits, and has what they ask served. `now`: CLOCK_MONOTONIC; call it ten times a second or
  // so.
  void tend(Nanoseconds now, const Serve& serve);

  std::size_t clients() const { return clients_.size(); }

 private:
  struct Client {
    UniqueFd connection;
    Nanoseconds since;
  };

  explicit ControlDoor(UnixListener listener) : listener_(std::move(listener)) {}
  void let_in(Nanoseconds now);
  // Whether the client is done with.
  static bool answer(const Client& client, Nanoseconds now, const Serve& serve);

  UnixListener listener_;
  std::vector<Client> clients_;
};

}  // namespace penstock
