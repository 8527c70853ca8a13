// One connection, one message each way.
#include "engine/control/control_client.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <utility>

#include "engine/base/check.h"
#include "engine/base/unique_fd.h"
#include "engine/base/unix_address.h"
#include "engine/monitor/printable.h"

namespace penstock {
namespace {

std::string fix_for(int code) {
  if (code == ENOENT || code == ECONNREFUSED)
    return "is the engine running? `penstock run --control` says where it listens";
  return code == EACCES ? "ask as root, or as the engine's user" : "";
}

}  // namespace

Result<ControlAnswer> ask_engine(const std::string& path, std::string_view request, Nanoseconds patience) {
  PENSTOCK_CHECK(request.size() <= kMostRequest);
  const std::string what = "ask the engine at " + path;
  const Result<UnixAddress> address = UnixAddress::parse(path);
  if (!address) return fail(what, address.error());
  const UniqueFd engine(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!engine) return fail(what, errno);
  if (connect(engine.get(), address->get(), address->length) != 0) return fail(what, errno, fix_for(errno));
  if (send(engine.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return fail(what, errno);
  pollfd answered{engine.get(), POLLIN, 0};
  if (::poll(&answered, 1, static_cast<int>(patience / kMillisecond)) <= 0)
    return fail(what + ": no answer", ETIMEDOUT, "`penstock monitor` says whether a thread stands still");
  std::string text(kMostAnswer, '\0');
  const ssize_t length = recv(engine.get(), text.data(), text.size(), 0);
  if (length < 0) return fail(what, errno);
  if (length == 0) return fail(what + ": it hung up", 0, "ask as root, or as the engine's user");
  text.resize(static_cast<std::size_t>(length));
  return ControlAnswer{.done = text.front() == '+', .text = printable(text.substr(1), true)};
}

}  // namespace penstock
