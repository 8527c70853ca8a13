// What the XDP programs cost a packet, by BPF_PROG_TEST_RUN with a large repeat, beside a program that
// only returns XDP_PASS. Needs root:
//
//   sudo ci/bazel/in_netns.sh bazel-bin/engine/xdp/program_bench
//
// Rows are measured in turn, round by round, so that a busy machine disturbs all of them alike; the
// table gives each row's median and least, and the median over that of the empty program. The kernel's
// clock of such a run gives whole nanoseconds, and it stops while another task has the CPU.
//
// What a test run leaves out: the driver, the copy to the socket (the redirect is decided, and dropped),
// and a cold cache: the same frame, maps and counters are hot in L1.
#include <errno.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/packet/byte_order.h"
#include "engine/xdp/test_run.h"
#include "engine/xsk/xsk_descriptor.h"

namespace penstock {
namespace {

constexpr std::uint32_t kRepeat = 2'000'000;
constexpr int kRounds = 15;

using Frame = std::vector<std::byte>;

struct Row {
  std::string name;
  std::function<Result<double>()> nanoseconds;
  std::vector<double> measured{};
};

// A program of a few instructions, loaded once and never unloaded.
class TinyProgram {
 public:
  TinyProgram(const char* name, std::span<const bpf_insn> code)
      : fd_(bpf_prog_load(BPF_PROG_TYPE_XDP, name, "GPL", code.data(), code.size(), nullptr)) {}

  Result<double> nanoseconds(const Frame& frame) const {
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data(),
                .data_size_in = static_cast<std::uint32_t>(frame.size()), .repeat = kRepeat);
    if (const int error = bpf_prog_test_run_opts(fd_.get(), &options); error != 0)
      return fail("run a program of the benchmark's own", -error);
    return static_cast<double>(options.duration);
  }

 private:
  UniqueFd fd_;
};

bpf_insn instruction(int code, int target, std::int32_t immediate, int source = 0) {
  bpf_insn insn{};
  insn.code = static_cast<__u8>(code);
  insn.dst_reg = static_cast<__u8>(target & 0xf);
  insn.src_reg = static_cast<__u8>(source & 0xf);
  insn.imm = immediate;
  return insn;
}

const bpf_insn kExit = instruction(BPF_JMP | BPF_EXIT, 0, 0);

// return XDP_PASS;
Result<double> run_empty(const Frame& frame) {
  static const bpf_insn kCode[] = {instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, XDP_PASS), kExit};
  static const TinyProgram kProgram("empty", kCode);
  return kProgram.nanoseconds(frame);
}

// return bpf_redirect_map(&sockets, 0, XDP_PASS); and a socket is there. What every hit pays, whoever
// filters.
Result<double> run_redirect(const Frame& frame) {
  static const UniqueFd kSockets(bpf_map_create(BPF_MAP_TYPE_XSKMAP, "sockets", 4, 4, 1, nullptr));
  static const Result<UniqueFd> kSocket = open_xsk();
  if (!kSocket) return tl::unexpected(kSocket.error());
  const std::uint32_t queue = 0;
  const int fd = kSocket->get();
  if (bpf_map_update_elem(kSockets.get(), &queue, &fd, BPF_ANY) != 0) return fail("fill an XSKMAP", errno);
  static const bpf_insn kCode[] = {
      instruction(BPF_DW, BPF_REG_1, kSockets.get(), BPF_PSEUDO_MAP_FD),  // BPF_LD | BPF_IMM, both 0
      instruction(0, 0, 0),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, XDP_PASS),
      instruction(BPF_JMP | BPF_CALL, 0, BPF_FUNC_redirect_map),
      kExit};
  static const TinyProgram kProgram("redirect", kCode);
  return kProgram.nanoseconds(frame);
}

Frame changed(std::size_t at, std::uint16_t value) {
  Frame frame = taken_frame(1'200);
  store_be16(&frame[at], value);
  return frame;
}

void add(std::vector<Row>& rows, const std::string& name, const ClassifierConfig& config, PortMap ports,
         const Frame& frame, Filter filter = Filter::kKernel) {
  auto kernel = ProgramTestRun::create(*Classifier::create(config), ports);
  if (!kernel) {
    std::fprintf(stderr, "%s\n", kernel.error().message().c_str());
    std::exit(1);
  }
  auto run = std::make_shared<ProgramTestRun>(std::move(*kernel));
  rows.push_back({name, [=] { return run->nanoseconds(filter, frame, kRepeat); }});
}

ClassifierConfig with_addresses(std::size_t count) {
  ClassifierConfig config = row_classifier();
  config.addresses.clear();
  // The frame's destination, 10.1.0.2, is the last: with five or more it stands in the hash alone.
  for (std::size_t i = 1; i < count; ++i)
    config.addresses.push_back({{10, 9, 0, static_cast<std::uint8_t>(i)}});
  if (count > 0) config.addresses.push_back({{10, 1, 0, 2}});
  return config;
}

std::vector<Row> make_rows() {
  const Frame hit = taken_frame(1'200);
  const Frame other_port = changed(36, 53);
  const Frame tcp = changed(22, 0x4006);
  std::vector<Row> rows;
  rows.push_back({"empty: return XDP_PASS", [=] { return run_empty(hit); }});
  rows.push_back({"redirect alone, no look at the frame", [=] { return run_redirect(hit); }});
  for (const auto& [ports, name] : {std::pair{PortMap::kArray, "array"}, std::pair{PortMap::kHash, "hash"}}) {
    const std::string prefix = std::string(name) + " ports, ";
    add(rows, prefix + "miss: TCP", with_addresses(4), ports, tcp);
    add(rows, prefix + "miss: other UDP port", with_addresses(4), ports, other_port);
    add(rows, prefix + "hit, addresses not checked", with_addresses(0), ports, hit);
    add(rows, prefix + "hit, 1 address", with_addresses(1), ports, hit);
    add(rows, prefix + "hit, 4 addresses", with_addresses(4), ports, hit);
    add(rows, prefix + "hit, 8 addresses (hash)", with_addresses(8), ports, hit);
  }
  ClassifierConfig verify = with_addresses(4);
  verify.verify_udp_checksum = true;
  add(rows, "array ports, hit, 4 addresses, UDP checksum verified", verify, PortMap::kArray, hit);
  add(rows, "take_all", with_addresses(4), PortMap::kArray, hit, Filter::kUserspace);
  return rows;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int run() {
  std::vector<Row> rows = make_rows();
  for (int round = 0; round < kRounds; ++round) {
    for (Row& row : rows) {
      const Result<double> ns = row.nanoseconds();
      if (!ns) {
        std::fprintf(stderr, "%s: %s\n", row.name.c_str(), ns.error().message().c_str());
        return 1;
      }
      row.measured.push_back(*ns);
    }
  }
  const double empty = median(rows[0].measured);
  std::printf("%-55s %8s %8s %12s\n", "ns a packet, 1,242-byte frames", "median", "least", "over empty");
  for (const Row& row : rows) {
    std::printf("%-55s %8.0f %8.0f %12.0f\n", row.name.c_str(), median(row.measured),
                *std::min_element(row.measured.begin(), row.measured.end()), median(row.measured) - empty);
  }
  return 0;
}

}  // namespace
}  // namespace penstock

int main() {
  return penstock::run();
}
