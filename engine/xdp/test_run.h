// The kernel's verdict on single frames, without an interface: BPF_PROG_TEST_RUN on the loaded
// program, with an unbound AF_XDP socket in the XSKMAP so that a hit shows as XDP_REDIRECT.
//
// Thread safety: none. Capabilities: those of loading, and CAP_NET_RAW.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/metrics/counters.h"
#include "engine/xdp/receiver_program.h"

namespace penstock {

// What BPF_PROG_TEST_RUN can run as one linear frame: 14 bytes at least, and a page less headroom and
// tailroom at most. Newer kernels take longer input but show the program only its first 3,520 bytes.
inline constexpr std::size_t kTestRunMinBytes = 14;
inline constexpr std::size_t kTestRunMaxBytes = 3520;

class ProgramTestRun {
 public:
  static Result<ProgramTestRun> create(const Classifier& classifier, PortMap port_map = PortMap::kArray,
                                       Loader loader = Loader::kLibbpf);

  // The program's return code: XDP_PASS or XDP_REDIRECT. Errors: a frame outside the limits above.
  Result<std::uint32_t> run(Filter filter, std::span<const std::byte> frame) const;

  // What filter_by_port returned for a frame, and the reason that it counted.
  struct Outcome {
    std::uint32_t verdict;
    penstock_reason reason;
  };
  Result<Outcome> judge(std::span<const std::byte> frame) const;
  Result<penstock_reason> reason(std::span<const std::byte> frame) const;

  // Mean ns a run over `repeat` runs of one frame, as the kernel measures it.
  Result<double> nanoseconds(Filter filter, std::span<const std::byte> frame, std::uint32_t repeat) const;

  ReceiverProgram& program() { return program_; }

 private:
  ProgramTestRun(ReceiverProgram program, UniqueFd socket);

  ReceiverProgram program_;
  UniqueFd socket_;
};

}  // namespace penstock
