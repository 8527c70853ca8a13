// Running the loaded program on one frame by BPF_PROG_TEST_RUN.
#include "engine/xdp/test_run.h"

#include <errno.h>

#include <bpf/bpf.h>

#include <utility>

#include <fmt/format.h>

#include "engine/xsk/xsk_descriptor.h"

namespace penstock {
namespace {

Status test_run(int program_fd, std::span<const std::byte> frame, std::uint32_t repeat,
                std::uint32_t& verdict, std::uint32_t& duration) {
  if (frame.size() < kTestRunMinBytes || frame.size() > kTestRunMaxBytes) {
    return fail(fmt::format("run the XDP program on a frame of {} bytes", frame.size()), EINVAL,
                fmt::format("BPF_PROG_TEST_RUN takes {} to {} bytes", kTestRunMinBytes, kTestRunMaxBytes));
  }
  LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data(),
              .data_size_in = static_cast<std::uint32_t>(frame.size()), .repeat = static_cast<int>(repeat));
  const int error = bpf_prog_test_run_opts(program_fd, &options);
  if (error != 0) return fail("run the XDP program", -error);
  verdict = options.retval;
  duration = options.duration;
  return {};
}

}  // namespace

ProgramTestRun::ProgramTestRun(ReceiverProgram program, UniqueFd socket)
    : program_(std::move(program)), socket_(std::move(socket)) {}

Result<ProgramTestRun> ProgramTestRun::create(const Classifier& classifier, PortMap port_map, Loader loader) {
  Result<ReceiverProgram> program = ReceiverProgram::load(classifier, port_map, loader);
  if (!program) return tl::unexpected(program.error());
  program->net_clock().excuse();
  Result<UniqueFd> socket = open_xsk();
  if (!socket) return tl::unexpected(socket.error());
  if (Status s = program->set_socket(0, socket->get()); !s) return tl::unexpected(s.error());
  return ProgramTestRun(std::move(*program), std::move(*socket));
}

Result<std::uint32_t> ProgramTestRun::run(Filter filter, std::span<const std::byte> frame) const {
  std::uint32_t verdict = 0, duration = 0;
  if (Status s = test_run(program_.program_fd(filter), frame, 1, verdict, duration); !s)
    return tl::unexpected(s.error());
  return verdict;
}

Result<ProgramTestRun::Outcome> ProgramTestRun::judge(std::span<const std::byte> frame) const {
  Counters before, after;
  if (Status s = program_.read_counts(before); !s) return tl::unexpected(s.error());
  const Result<std::uint32_t> verdict = run(Filter::kKernel, frame);
  if (!verdict) return tl::unexpected(verdict.error());
  if (Status s = program_.read_counts(after); !s) return tl::unexpected(s.error());
  const CounterSnapshot delta = after.snapshot().since(before.snapshot());
  if (delta.sum(Counter::kXdpRedirect) + delta.sum(Counter::kXdpPass) != 1)
    return fail("the XDP program did not count exactly one reason");
  if (delta.get(Counter::kXdpRedirect) == 1) return Outcome{*verdict, PENSTOCK_TAKEN};
  std::size_t reason = 0;
  while (delta.get(Counter::kXdpPass, reason) != 1)
    ++reason;
  return Outcome{*verdict, static_cast<penstock_reason>(reason)};
}

Result<penstock_reason> ProgramTestRun::reason(std::span<const std::byte> frame) const {
  const Result<Outcome> outcome = judge(frame);
  if (!outcome) return tl::unexpected(outcome.error());
  return outcome->reason;
}

Result<double> ProgramTestRun::nanoseconds(Filter filter, std::span<const std::byte> frame,
                                           std::uint32_t repeat) const {
  std::uint32_t verdict = 0, duration = 0;
  if (Status s = test_run(program_.program_fd(filter), frame, repeat, verdict, duration); !s)
    return tl::unexpected(s.error());
  return static_cast<double>(duration);
}

}  // namespace penstock
