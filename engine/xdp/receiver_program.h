// The receiver's XDP program on one interface: load, fill its maps, attach, count, detach.
//
//   load()         both programs and their maps into the kernel (verifier messages in the error)
//   set_policy()   what "ours" means, live
//   set_socket()   queue -> AF_XDP socket; an empty slot passes to the host's stack
//   attach()       by bpf_link, native or generic: the kernel detaches when the link's last
//                  descriptor is closed, so that kill -9 leaves no program behind
//   replace()      another program in the running one's place, in one step, its maps kept
//   set_scope(), net_clock(), return_clock()   how far take_all reaches, and its dead-man's switch
//   read_counts()  the program's counters, summed over CPUs
//
// Nothing is pinned. A foreign XDP program on the interface is an error that names it; it is never
// replaced.
//
// Capabilities: of whoever loads and attaches (privileges.h): CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON. The
// rest needs none. Thread safety: none; updates and reads may come from
// any one thread while packets flow, and read_counts() from another one beside replace(), which touches no
// map.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/classify/classifier.h"
#include "engine/metrics/counters.h"
#include "engine/privilege/own_privileges.h"
#include "engine/xdp/engine_clock.h"
#include "engine/xdp/loader/load_object.h"
#include "engine/xdp/xdp_link.h"

namespace penstock {

// Where filter_by_port looks ports up.
enum class PortMap : std::uint8_t {
  kArray,  // one byte a port: the look-up is inlined
  kHash,   // port -> action, as in the original comparison; about 7 ns dearer (program_bench.cc)
};

// What take_all takes; the rest passes, counted by reason.
enum class TakeScope : std::uint8_t {
  kAll,  // every frame
  kUdp,  // IPv4 UDP that is not a fragment: ARP, TCP and the rest never leave the kernel
};

class ReceiverProgram {
 public:
  // `privileges`: who loads, attaches and replaces, borrowed for as long as this lives.
  static Result<ReceiverProgram> load(const Classifier& classifier, PortMap port_map = PortMap::kArray,
                                      Loader loader = Loader::kLibbpf,
                                      Privileges* privileges = own_privileges());

  ReceiverProgram(ReceiverProgram&&) noexcept;
  ReceiverProgram& operator=(ReceiverProgram&&) noexcept;
  ~ReceiverProgram();  // detaches

  // Puts the ports, addresses and policy of `classifier` in place of the present ones: what is new is
  // added first, what is gone is removed last, so that nothing that stays is ever missing.
  Status set_policy(const Classifier& classifier);

  // kAll from load on.
  void set_scope(TakeScope scope);
  // The clocks of take_all's dead-man's switch. From load on the net tile is late and take_all passes
  // everything, until net_clock() beats; the return tile is excused until return_clock() beats.
  EngineClock net_clock();
  EngineClock return_clock();

  Status set_socket(std::uint32_t queue, int xsk_fd);
  Status clear_socket(std::uint32_t queue);

  // Errors: as attach_xdp().
  Status attach(Filter filter, const std::string& interface, unsigned interface_index, AttachMode mode);
  void detach();

  // Loads the programs anew onto the maps in use and puts that of `filter` into the running one's place:
  // each frame is judged by the old or the new one, and ports, policy, sockets, clocks and counts stay. After
  // an error the old one runs on. Requires: attached.
  Status replace(Filter filter, Loader loader);
  // Its halves: the first, which takes long, from any thread beside all of this but a swap; then the second.
  Result<LoadedObject> load_again(Loader loader) const;
  Status swap(Filter filter, LoadedObject fresh);
  // The kernel's id of the attached program, which `bpftool prog` shows.
  Result<std::uint32_t> attached_id() const;

  // Copies the program's counts since load into kXdpPass{reason} and kXdpRedirect.
  Status read_counts(Counters& counters) const;

  // How many frames the program has seen on each CPU since load.
  Status frames_by_cpu(std::vector<std::uint64_t>& frames) const;

  int program_fd(Filter filter) const;
  // Kernel id of the XSKMAP: what tracepoints name.
  Result<std::uint32_t> socket_map_id() const;

 private:
  struct Loaded;

  Result<std::vector<penstock_counts>> counts_by_cpu() const;

  explicit ReceiverProgram(std::unique_ptr<Loaded> loaded);

  std::unique_ptr<Loaded> loaded_;
};

}  // namespace penstock
