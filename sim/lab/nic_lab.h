// The topology `nic`: two ports of this machine, taken for the time of a run and given back.
//
//   take()     locks the journal, puts back what an earlier run left, refuses ports that are somebody's,
//   notes and
//              makes the settings of the lab file
//   connect()  for each turn of a path: two fresh namespaces, each with its port, set as a veth pair would
//   be: MACs,
//              MTU, offloads, as many channels as the scenario demands; the receiver's port takes every frame
//   the end of that link        the ports come home, and what the turn set is put back
//   give_back()                 the rest is put back, and the journal goes
//
// Invariant: whatever is changed of a port stands in the journal first (journal.h). When the process dies the
// kernel puts a port of a card back into the machine's first namespace; the next start, or `runner lab undo`,
// sets it as it was. A virtual interface goes with its namespace.
//
// Not put back, because nothing here changes or reads it: qdiscs of the port's owner, neighbour entries,
// multicast memberships, RSS keys and tables.
//
// Needs root. Thread safety: one thread at a time; a link may end on another.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "sim/lab/interrupts.h"
#include "sim/lab/journal.h"
#include "sim/lab/lab_file.h"
#include "sim/lab/lab_record.h"
#include "sim/lab/port.h"
#include "sim/lab/undo.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

// What a scenario demands of the ports, beyond what connect() sets.
struct NicDemand {
  std::uint32_t queues = 1;
  bool native_xdp = false;
  bool zero_copy = false;
};

class NicLab {
 public:
  // From the namespace of the calling thread. `said` gets a line for each thing that an earlier run had left.
  // Errors: EBUSY when another run has the lab; a port that may not be taken (port_check.h); a setting that
  // did not take. Then everything is as it was.
  static Result<std::unique_ptr<NicLab>> take(const Lab& lab, std::vector<std::string>& said,
                                              KernelFiles files = {});
  ~NicLab();  // gives back

  NicLab(const NicLab&) = delete;
  NicLab& operator=(const NicLab&) = delete;

  // Errors name what the lab lacks.
  Status meets(const NicDemand& demand) const;

  // With a remote sender the sender's end is an empty namespace and stands for the far MAC, which `config`
  // has. REQUIRES: the link of the call before has ended. The hosts end before this object.
  Result<LinkedHosts> connect(LinkConfig config);

  const LabRecord& record() const { return record_; }
  // Who sends, when it is not a port of this machine.
  const std::optional<RemoteHost>& remote() const { return lab_.remote; }
  const std::string& sender_interface() const { return lab_.sender.interface; }

  // Once; what could not be put back is the error, and stays in the journal.
  Status give_back();

 private:
  NicLab(Lab lab, NetNamespace home, Journal journal, KernelFiles files);

  std::vector<const LabPort*> own_ports() const;
  Status take_ports();
  Status note_host_settings(const Port& port);
  Status change(const Port& port, const std::vector<Setting>& settings);
  void describe(const Port& port, LabPortRecord& record) const;
  Status prepare(const Port& port, const LinkConfig& config, const LinkEndConfig& side, bool receives);
  Status dress(const LinkConfig& config, const LinkedHosts& hosts) const;
  void bring_home(const LinkedHosts& hosts);
  void undo(const std::vector<Change>& changes);

  Lab lab_;
  NetNamespace home_;
  Journal journal_;
  KernelFiles files_;
  std::vector<JournalPort> identities_;
  std::vector<Port> ports_;               // sender, unless it is remote, and receiver; as they are at home
  std::vector<bool> native_, zero_copy_;  // of each port, where the kernel can tell; else true
  LabRecord record_;
  std::size_t of_lab_ = 0;             // so many of the journal's changes are the lab's, the rest are turns'
  std::vector<std::string> problems_;  // what could not be put back so far
  bool given_back_ = false;
};

}  // namespace penstock
