// Listening, asking who it is, one message each way.
#include "engine/control/control_door.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr mode_t kOwnersAlone = 0600;

// The kernel's word of who is at the other end; of a listening socket, who made it.
std::optional<uid_t> user_of(int socket) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return std::nullopt;
  return peer.uid;
}

}  // namespace

Result<ControlDoor> ControlDoor::open(const std::string& path) {
  if (path.starts_with('@'))
    return fail("listen for commands at " + path + ": it must be a file, which its owner alone may open");
  Result<UnixListener> listener = UnixListener::open(
      path, {.backlog = kMostClients,
             .mode = kOwnersAlone,
             .taken_fix = "another engine listens there: give each a --control of its own"});
  if (!listener) return fail("take commands", listener.error());
  return ControlDoor(std::move(*listener));
}

void ControlDoor::tend(Nanoseconds now, const Serve& serve) {
  let_in(now);
  std::erase_if(clients_, [&](const Client& client) { return answer(client, now, serve); });
}

void ControlDoor::let_in(Nanoseconds now) {
  for (;;) {
    UniqueFd connection = listener_.accept();
    if (!connection) return;
    const std::optional<uid_t> user = user_of(connection.get());
    const bool may_ask = user && (*user == 0 || user == user_of(listener_.fd()));
    if (may_ask && clients_.size() < kMostClients) clients_.push_back({std::move(connection), now});
  }
}

bool ControlDoor::answer(const Client& client, Nanoseconds now, const Serve& serve) {
  std::array<char, kMostRequest> request;
  const ssize_t length = recv(client.connection.get(), request.data(), request.size(), MSG_TRUNC);
  if (length < 0) return errno != EAGAIN || now - client.since > kPatience;
  if (length == 0) return true;
  const bool whole = static_cast<std::size_t>(length) <= request.size();
  const ControlAnswer answer =
      whole ? serve({request.data(), static_cast<std::size_t>(length)})
            : ControlAnswer{.text = fmt::format("a request of {} bytes, at most {}", length, kMostRequest)};
  std::string message = (answer.done ? '+' : '-') + answer.text;
  message.resize(std::min(message.size(), kMostAnswer));
  // Whoever does not take it has gone.
  static_cast<void>(send(client.connection.get(), message.data(), message.size(), MSG_NOSIGNAL));
  return true;
}

}  // namespace penstock
