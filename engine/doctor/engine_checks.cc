// Asking over its metrics endpoint.
#include "engine/doctor/engine_checks.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engine/base/clock.h"
#include "engine/base/wait.h"
#include "engine/http/listen_address.h"
#include "engine/metrics/rate_text.h"
#include "engine/monitor/fetch.h"
#include "engine/monitor/view.h"

namespace penstock {
namespace {

constexpr const char* kWhat = "running engine";
constexpr Nanoseconds kLook = kSecond;

Finding finding_of(const MonitorView& view) {
  if (view.why)
    return {view.why->receives ? Level::kWarn : Level::kFail, kWhat, view.why->sentence, view.why->command};
  const ReceiverInfo& receiver = view.facts.receiver;
  const std::string found = fmt::format("receives {} datagrams/s by {}, {}",
                                        grouped(datagrams_per_second(view)), receiver.path, receiver.mode);
  if (receiver.better_way)
    return {Level::kWarn, kWhat, found + "; a restart would get a faster way",
            "`systemctl restart penstock`"};
  return {Level::kOk, kWhat, found};
}

}  // namespace

std::optional<EngineSample> check_engine(const RunConfig& config, Findings& findings) {
  const Result<ListenAddress> address = ListenAddress::parse(config.metrics_listen);
  if (!address) {
    findings.push_back({Level::kOk, kWhat, "not asked: [metrics] listen is empty"});
    return std::nullopt;
  }
  const MonotonicClock clock;
  const Result<EngineSample> before = fetch_sample(*address);
  if (!before) {
    const bool none = before.error().code == ECONNREFUSED;
    findings.push_back({none ? Level::kOk : Level::kWarn, kWhat,
                        none ? "none answers at " + config.metrics_listen : before.error().message()});
    return std::nullopt;
  }
  if (before->config("interface") != config.interface) {
    findings.push_back({Level::kWarn, kWhat,
                        fmt::format("one on {} has {}: one on {} would run without metrics",
                                    before->config("interface"), config.metrics_listen, config.interface),
                        "give each its own [metrics] listen"});
    return std::nullopt;
  }
  const Nanoseconds start = clock.now();
  sleep_for(kLook);
  const Result<EngineSample> now = fetch_sample(*address);
  if (!now) {
    findings.push_back({Level::kWarn, kWhat, "it answered, and then no more: " + now.error().message()});
    return std::nullopt;
  }
  findings.push_back(finding_of(make_view(*before, *now, clock.now() - start)));
  return *now;
}

bool holds_port(const EngineSample& engine, std::uint16_t port) {
  const bool by_sockets = engine.facts.receiver.sockets == 0;
  const bool listed = std::find(engine.ports.begin(), engine.ports.end(), port) != engine.ports.end();
  return listed && (by_sockets || engine.config("companion") == "own");
}

void forgive_what_it_holds(const EngineSample& engine, InterfaceState& interface) {
  if (engine.facts.receiver.sockets == 0) return;
  interface.foreign_program = false;
  interface.busy_queue.reset();
}

void forgive_what_it_holds(const EngineSample& engine, Findings& findings) {
  for (Finding& finding : findings) {
    const bool slot = engine.facts.receiver.sockets != 0 &&
                      (finding.what == "xdp program" || finding.what == "af_xdp sockets");
    const bool port = std::any_of(engine.ports.begin(), engine.ports.end(), [&](std::uint16_t each) {
      return holds_port(engine, each) && finding.what == fmt::format("port {}", each);
    });
    if (finding.level != Level::kOk && (slot || port))
      finding = {Level::kOk, finding.what, "the running engine's own"};
  }
}

}  // namespace penstock
