// The engine as a process of its own, as small as it can be: an AF_XDP receiver, the consumer that throws
// everything away, and its counters on standard output.
//
//   engine INTERFACE kernel_filter|userspace_filter all|udp PORT
//
// Prints a line of counters (engine_process.h has the format) when it is attached and every 20 ms, and the
// last one when SIGTERM has ended it: detached, drained, stopped. Errors go to standard error, exit status 1.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "engine/base/clock.h"
#include "engine/receive/af_xdp_receiver.h"

namespace penstock {
namespace {

constexpr Nanoseconds kBetweenLines = 20 * kMillisecond;
constexpr Nanoseconds kIdleWait = 5 * kMillisecond;

std::atomic<bool> asked_to_end{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal handler writes it

int usage() {
  fmt::print(stderr, "usage: engine INTERFACE kernel_filter|userspace_filter all|udp PORT\n");
  return 2;
}

int give_up(const Error& error) {
  fmt::print(stderr, "engine: {}\n", error.message());
  return 1;
}

// In one write(), so that whoever reads the file sees whole lines but for the last.
Status print_counters(AfXdpReceiver& receiver) {
  if (Status s = receiver.refresh_counters(); !s) return s;
  const CounterSnapshot snapshot = receiver.snapshot();
  std::string line;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    const CounterInfo& info = counter_info(counter);
    for (std::size_t value = 0; value < label_values(info.label); ++value) {
      const std::string label =
          info.label == CounterLabel::kNone ? "" : fmt::format("{{{}}}", label_value(info.label, value));
      fmt::format_to(std::back_inserter(line), "{}{}={} ", info.name, label, snapshot.get(counter, value));
    }
  }
  line.back() = '\n';
  if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return fail("print the counters", errno);
  return {};
}

bool take_batch(AfXdpReceiver& receiver) {
  const std::span<const Frag> frags = receiver.poll();
  receiver.give_back(frags);
  return !frags.empty();
}

Status run(AfXdpReceiver& receiver) {
  const CoarseClock clock;
  Nanoseconds next_line = 0;
  while (!asked_to_end) {
    if (clock.now() >= next_line) {
      if (Status s = print_counters(receiver); !s) return s;
      next_line = clock.now() + kBetweenLines;
    }
    if (take_batch(receiver)) continue;
    if (Status s = receiver.wait(kIdleWait); !s) return s;
  }
  receiver.detach();
  while (take_batch(receiver)) {
  }
  receiver.stop();
  return print_counters(receiver);
}

int engine_main(int count, char** arguments) {
  if (count != 5) return usage();
  const Result<Path> path = parse_path(arguments[2]);
  const std::string_view port_text = arguments[4];
  std::uint16_t port = 0;
  std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (!path || port == 0) return usage();
  const bool userspace = *path == Path::kUserspaceFilter;
  signal(SIGTERM, [](int) { asked_to_end = true; });
  auto receiver = AfXdpReceiver::open(
      {.filter = userspace ? Filter::kUserspace : Filter::kKernel,
       .interface = arguments[1],
       .classifier = {.ports = {port}},
       .host_policy = HostPolicy::kFollowed,
       .scope = std::string_view(arguments[3]) == "udp" ? TakeScope::kUdp : TakeScope::kAll,
       .companion = Companion::kOwn});
  if (!receiver) return give_up(receiver.error());
  const Status ran = run(**receiver);
  return ran ? 0 : give_up(ran.error());
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  return penstock::engine_main(argc, argv);
}
