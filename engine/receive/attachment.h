// An AF_XDP receiver on one of its interfaces: the XDP program there, and what is the host's own there, which
// the interface's MAC is part of. The ports are the receiver's and come with each call.
//
// Opened it holds the program, loaded and with its policy, but not attached: sockets come first
// (af_xdp_receiver.h has the order). Going away detaches.
//
// Thread safety: as ReceiverProgram; its own one thread's, but for counters().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/classify/classifier.h"
#include "engine/metrics/counters.h"
#include "engine/privilege/own_privileges.h"
#include "engine/receive/local_policy.h"
#include "engine/receive/port_list.h"
#include "engine/xdp/receiver_program.h"

namespace penstock {

// Where the classifier's MAC and addresses come from.
enum class HostPolicy : std::uint8_t {
  kGiven,     // AttachmentConfig::classifier, for good
  kFollowed,  // the interface and the namespace (local_policy.h), at open() and at each refresh_policy()
};

struct AttachmentConfig {
  Filter filter = Filter::kKernel;
  std::string interface {};
  ClassifierConfig classifier{};  // all but the ports
  HostPolicy host_policy = HostPolicy::kGiven;
  TakeScope scope = TakeScope::kAll;  // of the userspace filter
  PortMap port_map = PortMap::kArray;
  Loader loader = Loader::kLibbpf;
  AttachMode mode = AttachMode::kNative;
  Privileges* privileges = own_privileges();  // as ReceiverProgram::load()
};

class Attachment {
 public:
  static Result<std::unique_ptr<Attachment>> open(const AttachmentConfig& config, const PortList& ports);

  // Puts the program on the interface, its net tile alive as of now.
  Status attach();
  void detach() { program_->detach(); }
  // As ReceiverProgram::replace(). REQUIRES: attached.
  Status swap_program(LoadedObject fresh) { return program_->swap(config_.filter, std::move(fresh)); }

  // What is ours there, with `ports`.
  Result<Classifier> classifier_for(const PortList& ports) const;
  // In the kernel from here on.
  Status set_ports(const PortList& ports);
  // Whether what is the host's own has changed; classifier_for() goes by that from then on. With
  // HostPolicy::kFollowed; else false.
  Result<bool> poll_host(Nanoseconds now);

  // The net tile is alive, as of `when` (CLOCK_MONOTONIC, coarse).
  void beat(Nanoseconds when) { net_clock_.beat(when); }
  // Copies what the program counts into counters().
  Status read_counts() { return program_->read_counts(counters_); }
  const Counters& counters() const { return counters_; }

  const std::string& interface() const { return config_.interface; }
  unsigned interface_index() const { return interface_index_; }
  const ClassifierConfig& policy() const { return config_.classifier; }
  ReceiverProgram& program() { return *program_; }
  const ReceiverProgram& program() const { return *program_; }

 private:
  Attachment(AttachmentConfig config, unsigned interface_index)
      : config_(std::move(config)), interface_index_(interface_index) {}
  void take_policy_of_host();

  AttachmentConfig config_;  // the policy as it is now
  unsigned interface_index_;
  std::optional<LocalPolicyWatch> host_;
  std::unique_ptr<ReceiverProgram> program_;
  EngineClock net_clock_;  // into program_'s memory
  CoarseClock clock_;
  Counters counters_;
};

}  // namespace penstock
