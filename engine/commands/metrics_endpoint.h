// /metrics, /healthz and /readyz of `penstock run` (engine/http/server.h has the limits).
//
//   page       200                                  503
//   /healthz   the process is well                  a tile stands still: a restart would help
//   /readyz    it receives                          not open yet, stopping, interface down, a tile stands
//   still /metrics   counters and facts (engine_page.h)   not open yet
//
// It is there before the engine is, so that who waits for /readyz has somebody to ask.
//
// Ownership: borrows the engine between show() and hide(). Thread safety: one thread, the supervising one;
// the pages are made on the server's, under a mutex that the supervising thread takes only for what changes
// rarely.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/commands/engine_page.h"
#include "engine/commands/running_engine.h"
#include "engine/config/run_config.h"
#include "engine/http/server.h"

namespace penstock {

class MetricsEndpoint {
 public:
  // Null when the configuration asks for none. Errors: the address.
  static Result<std::unique_ptr<MetricsEndpoint>> start(const RunConfig& config);

  // The engine receives. It must outlive hide().
  void show(const RunningEngine& engine);
  // It will not any more: /readyz says `why`. The engine is not looked at from here on.
  void hide(std::string why);
  void set_state(EngineState state);

  const ListenAddress& address() const { return server_->address(); }

 private:
  explicit MetricsEndpoint(const RunConfig& config) : config_(config) {}
  HttpAnswer page(std::string_view path);
  HttpAnswer metrics() const;

  const RunConfig config_;
  std::mutex mutex_;  // guards what follows, up to the server
  const RunningEngine* engine_ = nullptr;
  std::string why_not_ = "the receiver is not open yet";
  EngineState state_;
  std::unique_ptr<HttpServer> server_;  // last, so that it ends before what its pages are made of
};

}  // namespace penstock
