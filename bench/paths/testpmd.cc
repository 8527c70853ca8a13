// Starting it, and reading the statistics that it prints every second.
#include "bench/paths/testpmd.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sim/topology/running_program.h"

namespace penstock {
namespace {

constexpr Nanoseconds kPatience = 20 * kSecond;
constexpr std::string_view kBlock = "NIC statistics for port 0";
constexpr std::string_view kReceived = "RX-packets:";
constexpr std::string_view kMissed = "RX-missed:";

std::size_t blocks_of(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(kBlock); at != text.npos; at = text.find(kBlock, at + 1))
    ++count;
  return count;
}

// The number behind the last `label`; 0 when there is none.
std::uint64_t last_number(const std::string& text, std::string_view label) {
  const std::size_t at = text.rfind(label);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + label.size(), nullptr, 10);
}

class Testpmd final : public Subject {
 public:
  explicit Testpmd(RunningProgram program) : program_(std::move(program)) {}
  // In order, since its XDP program is attached without a link and would stay.
  ~Testpmd() override {
    static_cast<void>(program_.signal(SIGINT));
    static_cast<void>(program_.wait_for_exit(kPatience));
  }
  Testpmd(const Testpmd&) = delete;
  Testpmd& operator=(const Testpmd&) = delete;

  // Waits for a block that was printed behind the call.
  Result<Delivered> delivered() override {
    const MonotonicClock clock;
    const Nanoseconds deadline = clock.now() + kPatience;
    const std::size_t before = blocks_of(program_.out());
    while (program_.is_running() && clock.now() < deadline) {
      usleep(20'000);
      const std::string text = program_.out();
      // One more than the next, since a block is printed line by line.
      if (blocks_of(text) < before + 2) continue;
      const std::string whole = text.substr(0, text.rfind(kBlock));
      return Delivered{.datagrams = last_number(whole, kReceived),
                       .rx_ring_full = last_number(whole, kMissed)};
    }
    return fail("read dpdk-testpmd's statistics: " + program_.err(), ETIMEDOUT);
  }

 private:
  RunningProgram program_;
};

}  // namespace

bool has_testpmd() {
  return find_program("dpdk-testpmd").has_value();
}

Result<std::unique_ptr<Subject>> open_testpmd(const LinkedHosts::End& end, const SubjectConfig& config) {
  const std::string cpu = std::to_string(config.cpu);
  Result<RunningProgram> program = RunningProgram::start(
      {.arguments = {"dpdk-testpmd",
                     "-l",
                     "0," + cpu,
                     "--main-lcore=0",
                     "--no-pci",
                     "--no-huge",
                     "-m",
                     "512",
                     "--no-shconf",
                     fmt::format("--file-prefix=penstock{}", getpid()),
                     "--vdev",
                     "net_af_xdp0,iface=" + end.interface + ",busy_budget=0,force_copy=1",
                     "--",
                     "--auto-start",
                     "--forward-mode=rxonly",
                     "--nb-cores=1",
                     "--rxq=1",
                     "--txq=1",
                     "--total-num-mbufs=16384",
                     "--stats-period=1"},
       .network_namespace = end.ns.fd()});
  if (!program)
    return fail("run the peer dpdk-testpmd", program.error().code,
                "`apt-get install dpdk-dev librte-net-af-xdp23 librte-mempool-ring23`, or leave it out");
  auto peer = std::make_unique<Testpmd>(std::move(*program));
  if (const Result<Delivered> ready = peer->delivered(); !ready) return tl::unexpected(ready.error());
  return peer;
}

}  // namespace penstock
