// Three pages.
#include "engine/commands/metrics_endpoint.h"

#include <utility>

namespace penstock {
namespace {

HttpAnswer said(bool good, const std::string& text) {
  return {.status = good ? 200 : 503, .body = text + "\n"};
}

}  // namespace

Result<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::start(const RunConfig& config) {
  std::unique_ptr<MetricsEndpoint> endpoint;
  if (config.metrics_listen.empty()) return endpoint;
  const Result<ListenAddress> listen = ListenAddress::parse(config.metrics_listen);
  if (!listen) return tl::unexpected(listen.error());
  endpoint.reset(new MetricsEndpoint(config));
  auto server =
      HttpServer::start(*listen, [self = endpoint.get()](std::string_view path) { return self->page(path); });
  if (!server) return tl::unexpected(server.error());
  endpoint->server_ = std::move(*server);
  return endpoint;
}

void MetricsEndpoint::show(const RunningEngine& engine) {
  const std::lock_guard lock(mutex_);
  engine_ = &engine;
}

void MetricsEndpoint::hide(std::string why) {
  const std::lock_guard lock(mutex_);
  engine_ = nullptr;
  why_not_ = std::move(why);
}

void MetricsEndpoint::set_state(EngineState state) {
  const std::lock_guard lock(mutex_);
  state_ = std::move(state);
}

HttpAnswer MetricsEndpoint::page(std::string_view path) {
  const std::lock_guard lock(mutex_);
  if (path == "/healthz") {
    const bool good = state_.standing.empty();
    return said(good, good ? "ok" : "stands still: " + state_.standing);
  }
  const std::string why_not = engine_ == nullptr ? why_not_ : why_not_ready(config_, *engine_, state_);
  if (path == "/readyz") return said(why_not.empty(), why_not.empty() ? "ok" : why_not);
  if (path == "/metrics") return engine_ == nullptr ? said(false, why_not) : metrics();
  return {.status = 404, .body = "/metrics, /healthz and /readyz are here\n"};
}

HttpAnswer MetricsEndpoint::metrics() const {
  return {.body = engine_page(config_, *engine_, state_), .type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace penstock
