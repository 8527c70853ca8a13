// Binding, and taking the file away again.
#include "engine/base/unix_listener.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "engine/base/unix_address.h"

namespace penstock {
namespace {

UniqueFd unix_socket() {
  return UniqueFd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool somebody_listens(const UnixAddress& address) {
  const UniqueFd probe = unix_socket();
  const int done = connect(probe.get(), address.get(), address.length);
  return done == 0 || errno == EAGAIN;  // it listens, and its queue is full
}

}  // namespace

Result<UnixListener> UnixListener::open(const std::string& path, const Wishes& wishes) {
  const std::string what = "listen at " + path;
  const Result<UnixAddress> address = UnixAddress::parse(path);
  if (!address) return fail(what, address.error());
  UnixListener listener;
  listener.fd_ = unix_socket();
  if (!listener.fd_) return fail(what, errno);
  const auto bind_it = [&] { return bind(listener.fd(), address->get(), address->length) == 0; };
  bool bound = bind_it();
  if (!bound && errno == EADDRINUSE && !address->abstract() && !somebody_listens(*address)) {
    unlink(path.c_str());
    bound = bind_it();
  }
  if (!bound) {
    return fail(
        what, errno,
        errno == EADDRINUSE ? wishes.taken_fix : "the folder must be there, and writable for the engine");
  }
  if (!address->abstract()) listener.file_ = path;
  // Nobody can connect before it listens.
  const bool ruled = !wishes.mode || address->abstract() || chmod(path.c_str(), *wishes.mode) == 0;
  if (!ruled || listen(listener.fd(), wishes.backlog) != 0) return fail(what, errno);
  return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : fd_(std::move(other.fd_)), file_(std::exchange(other.file_, {})) {}

UnixListener::~UnixListener() {
  if (!file_.empty()) unlink(file_.c_str());
}

UniqueFd UnixListener::accept() const {
  return UniqueFd(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

}  // namespace penstock
