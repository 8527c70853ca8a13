// The process that keeps the engine's capabilities, so that the engine itself has none: it makes what takes a
// capability (privileges.h), on request, and passes the descriptors.
//
//   penstock run ── fork ──► "pen-broker": socket(AF_XDP), bpf(), TAP; no thread, no packet, no other input
//        │  ▲                      │
//        │  └── SOCK_SEQPACKET ────┘  one request, one answer (message.h)
//        └─ gives its capabilities up (engine/confine), then starts threads and opens the receiver
//
// What the broker refuses, whoever asks: an interface that it was not told of at the start. So an engine that
// was taken over gets from it AF_XDP sockets, which bind to any interface, the receiver's own programs on
// the receiver's own interfaces, and TAPs that lead there; not the loading of any other program, and no other
// change of the network.
//
// Going away: the broker holds nothing between two requests, and ends when the engine does, also when that is
// killed. An engine whose broker has ended receives on, and can open nothing any more; `penstock run` ends
// itself then (ended_fd()).
//
// Ownership: owns the process; going away ends it and waits for it. Thread safety: none; one thread, which is
// the one that started it: the broker is killed when that thread ends.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/privilege/message.h"
#include "engine/privilege/privileges.h"

namespace penstock {

struct BrokerConfig {
  std::vector<std::string> interfaces;
  // Under its list of system calls (engine/confine), where it can start no process: ask_fresh_doctor() is
  // refused.
  bool listed = false;
  std::filesystem::path file;  // that a process which is asked what a restart would do reads (fresh_doctor.h)
};

class Broker final : public Privileges {
 public:
  // Before any other thread is started, with the capabilities that it is to keep.
  static Result<std::unique_ptr<Broker>> start(const BrokerConfig& config);
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  ~Broker() override;

  // Errors: EPERM with the interface that is not the engine's; EPIPE when the broker has ended; what making
  // it gave, as privileges.h names it.
  Result<UniqueFd> xsk_socket(const BusyPoll& busy_poll) override;
  Result<LoadedObject> load_receiver(Loader loader, const LoadedObject* keep) override;
  Result<UniqueFd> attach(int program, const XdpPlace& place) override;
  Status replace(int link, int running, int program) override;
  Result<TapHandle> make_tap(unsigned original_interface) override;
  Result<UniqueFd> hold_udp_port(std::uint16_t port, std::uint32_t buffer_bytes) override;

  // Its output, from a process with the capabilities of a fresh start; the one asked before is ended.
  Result<UniqueFd> ask_fresh_doctor();

  // Readable when the broker has ended.
  int ended_fd() const { return socket_.get(); }
  pid_t pid() const { return pid_; }

 private:
  Broker(UniqueFd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}
  // The answer behind its verdict.
  Result<MessageReader> ask(const MessageWriter& request);
  Result<UniqueFd> ask_descriptor(const MessageWriter& request);

  UniqueFd socket_;
  pid_t pid_;
};

}  // namespace penstock
