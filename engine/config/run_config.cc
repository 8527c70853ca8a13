// Reading the file of `penstock run`.
#include "engine/config/run_config.h"

#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>

#include "engine/base/unix_address.h"
#include "engine/config/toml_reader.h"
#include "engine/http/listen_address.h"
#include "engine/metrics/counters.h"

namespace penstock {
namespace {

// Enumerators in the order of their words.
constexpr std::string_view kPaths[] = {"kernel_filter", "userspace_filter", "io_uring", "udp", "auto"};
static_assert(static_cast<int>(Path::kUserspaceFilter) == 1 && static_cast<int>(Path::kUdp) == 3);
constexpr std::size_t kAuto = 4;
constexpr std::string_view kZeroCopies[] = {"auto", "off", "force"};
static_assert(static_cast<int>(ZeroCopy::kOff) == 1 && static_cast<int>(ZeroCopy::kForce) == 2);
constexpr std::string_view kStrategies[] = {
    to_string(WaitStrategy::kBlock), to_string(WaitStrategy::kAdaptive), to_string(WaitStrategy::kSpin),
    to_string(WaitStrategy::kBusyPoll)};
static_assert(static_cast<int>(WaitStrategy::kSpin) == 2 && static_cast<int>(WaitStrategy::kBusyPoll) == 3);

constexpr std::string_view kOnGone[] = {"wait", "end"};
static_assert(static_cast<int>(OnGone::kEnd) == 1);
constexpr std::string_view kOnStall[] = {"exit", "report"};
static_assert(static_cast<int>(OnStall::kReport) == 1);

constexpr std::int64_t kMostCpus = 1023;
constexpr std::int64_t kMostNetTiles = 64;
constexpr std::size_t kMostFurtherInterfaces = 15;

bool is_interface_name(const std::string& name) {
  return !name.empty() && name.size() < IF_NAMESIZE;
}

std::string read_interface(TomlReader& root) {
  std::string name = root.string("interface");
  if (root.has("interface") && !is_interface_name(name))
    root.reject("interface", fmt::format("'interface' must have 1 to {} characters", IF_NAMESIZE - 1));
  return name;
}

std::vector<std::string> read_further_interfaces(TomlReader& root, const std::string& first) {
  constexpr std::string_view kKey = "further_interfaces";
  std::vector<std::string> names = root.strings(kKey, {});
  if (names.size() > kMostFurtherInterfaces)
    root.reject(kKey, fmt::format("'{}' lists {}, at most {}", kKey, names.size(), kMostFurtherInterfaces));
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (!is_interface_name(*name))
      root.reject(kKey, fmt::format("'{}': each must have 1 to {} characters", kKey, IF_NAMESIZE - 1));
    if (*name == first || std::find(names.begin(), name, *name) != name)
      root.reject(kKey, fmt::format("'{}' names {}, which is there already", kKey, *name));
  }
  return names;
}

std::vector<std::uint16_t> read_ports(TomlReader& root) {
  if (!root.has("ports")) root.reject("ports", "'ports' is missing");
  const std::vector<std::int64_t> listed = root.integers("ports", 1, 65535, {});
  if (root.has("ports") && (listed.empty() || listed.size() > kMaxPorts))
    root.reject("ports", fmt::format("'ports' lists {}, must list 1 to {}", listed.size(), kMaxPorts));
  std::vector<std::uint16_t> ports;
  for (const std::int64_t each : listed) {
    const auto port = static_cast<std::uint16_t>(each);
    if (std::find(ports.begin(), ports.end(), port) != ports.end())
      root.reject("ports", fmt::format("'ports' lists {} twice", port));
    ports.push_back(port);
  }
  return ports;
}

void read_net_tiles(TomlReader& threads, RunConfig& config) {
  config.net_tiles = static_cast<std::uint32_t>(threads.integer("net_tiles", 1, kMostNetTiles, 1));
  const std::vector<std::int64_t> cpus = threads.integers("net_cpus", 0, kMostCpus, {});
  config.net_cpus.assign(cpus.begin(), cpus.end());
  const std::size_t net_threads = config.net_tiles + config.further_interfaces.size();
  if (cpus.size() > net_threads)
    threads.reject("net_cpus",
                   fmt::format("'net_cpus' lists {} CPUs for {} net threads (net_tiles, and one for each of "
                               "further_interfaces)",
                               cpus.size(), net_threads));
}

std::string read_listen(TomlReader metrics, const std::string& fallback) {
  std::string listen = metrics.string("listen", fallback);
  if (listen.empty()) return listen;
  const Result<ListenAddress> address = ListenAddress::parse(listen);
  if (!address) metrics.reject("listen", "'listen': " + address.error().message());
  return listen;
}

// Nothing for an error or an IPv6 address.
std::optional<Endpoint> ipv4_endpoint(const Result<ListenAddress>& parsed) {
  if (!parsed || parsed->address.ss_family != AF_INET) return std::nullopt;
  sockaddr_in address;
  std::memcpy(&address, &parsed->address, sizeof(address));
  return Endpoint{Ipv4Address::from_network(address.sin_addr.s_addr), ntohs(address.sin_port)};
}

// Where datagrams go that are to be forwarded: not where they would be received again.
std::optional<Endpoint> read_forward(TomlReader table, const RunConfig& config) {
  const std::string text = table.string("forward", "");
  if (text.empty()) return std::nullopt;
  const std::optional<Endpoint> to = ipv4_endpoint(ListenAddress::parse(text));
  if (!to || to->port == 0 || (to->address.network() & 0xff) != 127) {
    table.reject("forward", "'forward' must be a loopback address and a port, as in 127.0.0.1:8001");
    return std::nullopt;
  }
  RunConfig with = config;
  with.outlet.forward = to;
  if (forwards_to_itself(with)) {
    table.reject("forward",
                 fmt::format("'forward' names port {}, which the engine itself receives: what it forwards "
                             "would come again; set companion = \"external\", or another port",
                             to->port));
  }
  return to;
}

OutletSpec read_outlet(TomlReader table, const RunConfig& config) {
  OutletSpec outlet;
  outlet.socket = table.string("socket", "");
  if (!outlet.socket.empty()) {
    if (const auto address = UnixAddress::parse(outlet.socket); !address)
      table.reject("socket", "'socket' is " + address.error().what);
  }
  outlet.forward = read_forward(table, config);
  outlet.depth = read_power_of_two(table, "depth", Receiver::kBatch, outlet.depth);
  if ((!outlet.socket.empty() || outlet.forward) && config.shreds.stage == ShredStageKind::kCheap)
    table.reject(outlet.forward ? "forward" : "socket",
                 "it needs shreds.stage = \"off\" or \"full\": the cheap stage proves nothing");
  return outlet;
}

CaptureSpec read_capture(TomlReader table, const ShredsSpec& shreds) {
  constexpr std::int64_t kMostMib = 65'536, kMostFiles = 100'000;
  CaptureSpec capture;
  capture.folder = table.string("folder", "");
  if (!capture.folder.empty() && capture.folder.front() != '/')
    table.reject("folder", "'folder' must be an absolute path");
  capture.file_mib = static_cast<std::uint32_t>(table.integer("file_mib", 1, kMostMib, capture.file_mib));
  capture.files = static_cast<std::uint32_t>(table.integer("files", 1, kMostFiles, capture.files));
  capture.verdicts = table.boolean("verdicts", capture.verdicts);
  if (capture.verdicts && shreds.stage == ShredStageKind::kOff)
    table.reject("verdicts", "'verdicts' needs a shred stage, which gives them: set shreds.stage");
  return capture;
}

RunConfig read(TomlReader root) {
  RunConfig config;
  config.interface = read_interface(root);
  config.further_interfaces = read_further_interfaces(root, config.interface);
  const std::size_t path = root.choice("path", kPaths, static_cast<std::size_t>(*config.path));
  config.path = path == kAuto ? std::nullopt : std::optional(static_cast<Path>(path));
  config.zero_copy = static_cast<ZeroCopy>(
      root.choice("zero_copy", kZeroCopies, static_cast<std::size_t>(config.zero_copy)));
  config.on_gone =
      static_cast<OnGone>(root.choice("on_gone", kOnGone, static_cast<std::size_t>(config.on_gone)));
  config.required = root.boolean("required", config.required);
  config.confined = root.boolean("confined", config.confined);
  config.ports = read_ports(root);
  config.receiver = read_receiver_spec(root.table("receiver"), config.receiver);
  config.link_depth = read_power_of_two(root, "link_depth", Receiver::kBatch, config.link_depth);
  TomlReader sink = root.table("sink");
  config.sink_thread = sink.boolean("thread", config.sink_thread);
  config.sink_digest = sink.boolean("digest", config.sink_digest);
  config.sink_latency = sink.boolean("latency", config.sink_latency);
  config.shreds = read_shreds_spec(root.table("shreds"), config.ports);
  config.outlet = read_outlet(root.table("outlet"), config);
  config.capture = read_capture(root.table("capture"), config.shreds);
  TomlReader threads = root.table("threads");
  config.wait =
      static_cast<WaitStrategy>(threads.choice("wait", kStrategies, static_cast<std::size_t>(config.wait)));
  config.busy_poll.microseconds =
      static_cast<std::uint32_t>(threads.integer("busy_poll_us", 1, 10'000, config.busy_poll.microseconds));
  config.busy_poll.budget =
      static_cast<std::uint32_t>(threads.integer("busy_poll_budget", 1, 512, config.busy_poll.budget));
  read_net_tiles(threads, config);
  config.return_cpu = static_cast<int>(threads.integer("return_cpu", -1, kMostCpus, -1));
  config.on_stall =
      static_cast<OnStall>(threads.choice("on_stall", kOnStall, static_cast<std::size_t>(config.on_stall)));
  config.host = read_host_spec(root.table("host"));
  config.metrics_listen = read_listen(root.table("metrics"), config.metrics_listen);
  return config;
}

Result<RunConfig> finish(Result<TomlDocument> document) {
  if (!document) return tl::unexpected(document.error());
  RunConfig config = read(document->root());
  if (Status s = document->finish(); !s) return tl::unexpected(s.error());
  return config;
}

}  // namespace

std::string_view to_string(OnStall on_stall) {
  return kOnStall[static_cast<std::size_t>(on_stall)];
}

bool forwards_to_itself(const RunConfig& config) {
  const std::optional<Endpoint>& to = config.outlet.forward;
  const bool held_here =
      config.receiver.companion != Companion::kExternal || (config.path && !is_af_xdp(*config.path));
  return to && held_here &&
         std::find(config.ports.begin(), config.ports.end(), to->port) != config.ports.end();
}

std::vector<std::string> interfaces_of(const RunConfig& config) {
  std::vector<std::string> names = {config.interface};
  names.insert(names.end(), config.further_interfaces.begin(), config.further_interfaces.end());
  return names;
}

Result<RunConfig> read_run_config(const std::filesystem::path& file) {
  return finish(TomlDocument::read(file));
}

Result<RunConfig> parse_run_config(std::string_view text, std::string name) {
  return finish(TomlDocument::parse(text, std::move(name)));
}

std::vector<std::string> run_config_keys() {
  Result<TomlDocument> nothing = TomlDocument::parse("", "nothing");
  static_cast<void>(read(nothing->root()));
  return nothing->known_keys();
}

}  // namespace penstock
