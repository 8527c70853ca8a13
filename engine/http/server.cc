// Listening, and the loop over the connections.
#include "engine/http/server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include <netinet/in.h>

#include "engine/base/check.h"
#include "engine/confine/confinement.h"

namespace penstock {
namespace {

constexpr Nanoseconds kRefill = kSecond / HttpServer::kPerSecond;

Result<UniqueFd> listen_on(const ListenAddress& at) {
  const std::string doing = "listen on " + at.to_string();
  UniqueFd fd(socket(at.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail(doing, errno);
  const int on = 1;  // the port of a predecessor whose connections are still in TIME_WAIT
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (at.address.ss_family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&at.address), at.length) != 0 ||
      listen(fd.get(), HttpServer::kBurst) != 0)
    return fail(doing, errno, errno == EADDRINUSE ? "another process has the port; `ss -ltnp` names it" : "");
  return fd;
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ListenAddress& listen, HttpPages pages) {
  Result<UniqueFd> listener = listen_on(listen);
  if (!listener) return tl::unexpected(listener.error());
  UniqueFd wake(eventfd(0, EFD_CLOEXEC));
  if (!wake) return fail("start the HTTP server: eventfd", errno);
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(*listener), std::move(wake), std::move(pages)));
  server->address_.length = sizeof(server->address_.address);
  getsockname(server->listener_.get(), reinterpret_cast<sockaddr*>(&server->address_.address),
              &server->address_.length);
  server->thread_ = std::jthread([self = server.get()](const std::stop_token& token) { self->run(token); });
  return server;
}

HttpServer::~HttpServer() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_.get(), &one, sizeof(one)) == sizeof(one));
}

bool HttpServer::may_accept(Nanoseconds now) {
  const Nanoseconds refills = (now - refilled_) / kRefill;
  if (refills > 0) {
    tokens_ = static_cast<int>(std::min<Nanoseconds>(kBurst, tokens_ + refills));
    refilled_ = now;
  }
  return tokens_ > 0;
}

// In milliseconds, rounded up: until the oldest connection's time is over, or another may be taken.
int HttpServer::timeout(Nanoseconds now) const {
  Nanoseconds until = 3'600 * kSecond;
  if (!connections_.empty()) until = connections_.front()->deadline() - now;
  if (tokens_ <= 0) until = std::min(until, refilled_ + kRefill - now);
  return static_cast<int>(std::max<Nanoseconds>(until, 0) / kMillisecond) + 1;
}

// A failure costs a turn as well, so that one that stays (EMFILE) makes no loop that spins.
void HttpServer::accept_one(Nanoseconds now) {
  --tokens_;
  UniqueFd client(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!client) return;
  if (connections_.size() == kConnections) connections_.erase(connections_.begin());
  connections_.push_back(std::make_unique<HttpConnection>(std::move(client), now + kPatience));
  connections_.back()->advance(pages_);  // the request mostly came with it
}

void HttpServer::run(const std::stop_token& token) {
  pthread_setname_np(pthread_self(), "pen-http");
  PENSTOCK_CHECK(confine_helper().has_value());  // giving up what one has cannot fail
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
  std::vector<pollfd> wanted;
  while (!token.stop_requested()) {
    const Nanoseconds before = clock_.now();
    wanted.assign({{wake_.get(), POLLIN, 0},
                   {may_accept(before) ? listener_.get() : -1, POLLIN, 0}});  // -1: poll() leaves it out
    for (const auto& connection : connections_)
      wanted.push_back({connection->fd(), connection->events(), 0});
    static_cast<void>(::poll(wanted.data(), wanted.size(), timeout(before)));
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (wanted[i + 2].revents != 0) connections_[i]->advance(pages_);
    }
    const Nanoseconds now = clock_.now();
    std::erase_if(connections_, [&](const auto& each) { return each->done() || each->deadline() <= now; });
    if (wanted[1].revents != 0) accept_one(now);
    std::erase_if(connections_, [](const auto& each) { return each->done(); });
  }
}

}  // namespace penstock
