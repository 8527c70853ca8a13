// The file of `penstock run`: one TOML. Its manual is the default file, which `penstock print-config`
// prints and run_config_test.cc holds against this reader: every key, its default, what it does.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/capture_spec.h"
#include "engine/config/host_spec.h"
#include "engine/config/outlet_spec.h"
#include "engine/config/receiver_spec.h"
#include "engine/config/shreds_spec.h"
#include "engine/receive/open_receiver.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/wait_strategy.h"

namespace penstock {

// What a tile that stands still (engine/tiles/watchdog.h) means for `penstock run`.
enum class OnStall : std::uint8_t {
  kExit,    // it ends at once, for its supervisor to start it again
  kReport,  // it says so and goes on
};

std::string_view to_string(OnStall on_stall);  // "exit", "report"

// What an interface that goes away means for it.
enum class OnGone : std::uint8_t {
  kWait,  // until it is back, and receives again
  kEnd,   // with the error
};

struct RunConfig {
  std::string interface {};
  std::vector<std::string> further_interfaces{};   // each with a net tile of its own
  std::optional<Path> path = Path::kKernelFilter;  // none: the fastest that works
  bool required = false;                           // refuse to run on less than the first way
  ZeroCopy zero_copy = ZeroCopy::kAuto;
  std::vector<std::uint16_t> ports{};  // host order
  ReceiverSpec receiver{.scope = TakeScope::kUdp};
  std::uint32_t link_depth = 4096;  // of each port's link; a power of two, at least a batch
  bool sink_thread = false;         // a thread of its own for the sink
  bool sink_digest = false;         // sums the payloads up
  bool sink_latency = false;        // and how old they are
  ShredsSpec shreds{};
  OutletSpec outlet{};  // shared memory for other processes
  CaptureSpec capture{};
  HostSpec host{};  // for `penstock configure`
  WaitStrategy wait = WaitStrategy::kBlock;
  BusyPoll busy_poll{.microseconds = 20};  // with WaitStrategy::kBusyPoll
  std::uint32_t net_tiles = 1;             // AF_XDP alone; at most as many as there are sockets
  std::vector<int> net_cpus{};  // the n-th net thread is pinned to the n-th; those without one to none
  int return_cpu = -1;          // of the return threads; -1: anywhere
  OnStall on_stall = OnStall::kExit;
  OnGone on_gone = OnGone::kWait;
  bool confined = true;  // the engine gives its capabilities up, and makes listed system calls only
  std::string metrics_listen = "127.0.0.1:9184";  // as ListenAddress::parse() takes it; empty: nowhere

  bool operator==(const RunConfig&) const = default;
};

// Those that are received on, `interface` first.
std::vector<std::string> interfaces_of(const RunConfig& config);

// Whether `outlet.forward` names a port that the engine itself receives, so that what it forwards would come
// again.
bool forwards_to_itself(const RunConfig& config);

// Errors: all mistakes of the file, one a line, with line, column and nearest name.
Result<RunConfig> read_run_config(const std::filesystem::path& file);
// The same from memory; `name` stands for the file in messages.
Result<RunConfig> parse_run_config(std::string_view text, std::string name);

// Every key that the reader knows, as "table.key".
std::vector<std::string> run_config_keys();

// The commented default file; valid as it stands.
std::string_view default_run_config();

}  // namespace penstock
