// The run's side of a sender on another host: starts it by ssh, gives it the scenario, and has it send.
//
//   auto remote = RemoteSender::connect({.ssh = {"ssh", "root@host"}, .runner = "/opt/penstock/runner"});
//   (*remote)->prepare(task);         the far side makes the workload: compare the answer with one's own
//   (*remote)->send(frames, ...);     once a turn
//
// The far side ends with the connection: when this object goes, when the run's process dies, when the network
// does. Errors have what ssh wrote to its stderr (a host key that changed, a name that is unknown, ...). A
// connection that is lost, or silent for a minute in a turn, is ECONNRESET: such a run proves nothing.
//
// Thread safety: one thread at a time. SIGPIPE is ignored from connect() on.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "sim/remote/line_channel.h"
#include "sim/remote/protocol.h"
#include "sim/remote/remote_host.h"

namespace penstock {

class RemoteSender {
 public:
  static Result<std::unique_ptr<RemoteSender>> connect(const RemoteHost& host);
  ~RemoteSender();  // hangs up; what does not end by itself is killed

  RemoteSender(const RemoteSender&) = delete;
  RemoteSender& operator=(const RemoteSender&) = delete;

  Result<RemoteReady> prepare(const RemoteTask& task);

  // Of a turn. `progress` gets the frames sent so far. Stopped: ECANCELED, and the far side ends.
  Status send(const std::function<void(std::uint64_t done)>& progress, const std::stop_token& stop);
  // What it answered last.
  const RemoteSent& last() const { return last_; }

 private:
  RemoteSender(LineChannel channel, UniqueFd said, pid_t child, std::string what);
  Result<RemoteMessage> next(Nanoseconds timeout);
  tl::unexpected<Error> lost(const Error& error) const;

  LineChannel channel_;
  UniqueFd said_;  // ssh's stderr, a file in memory
  pid_t child_;
  std::string what_;  // "sender by ssh root@host"
  RemoteSent last_{};
};

}  // namespace penstock
