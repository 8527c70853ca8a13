// Ask, wait, ask, show.
#include "engine/commands/monitor_command.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/wait.h"
#include "engine/config/run_config.h"
#include "engine/http/listen_address.h"
#include "engine/monitor/fetch.h"
#include "engine/monitor/view.h"
#include "engine/monitor/view_text.h"

namespace penstock {
namespace {

constexpr Nanoseconds kInterval = kSecond;

// From the top left, each line cleared behind its end, and what was below.
std::string drawn_over(const std::string& text) {
  std::string drawn = "\x1b[H";
  for (const char c : text)
    drawn += c == '\n' ? "\x1b[K\n" : std::string(1, c);
  return drawn + "\x1b[J";
}

Result<ListenAddress> address_of(const MonitorOptions& options) {
  if (options.config.empty()) return ListenAddress::parse(options.address);
  const Result<RunConfig> config = read_run_config(options.config);
  if (!config) return tl::unexpected(config.error());
  if (config->metrics_listen.empty())
    return fail(options.config.string() + ": [metrics] listen is empty: there is nobody to ask");
  return ListenAddress::parse(config->metrics_listen);
}

class Monitor {
 public:
  Monitor(const MonitorOptions& options, ListenAddress engine, std::FILE* out)
      : options_(options), engine_(engine), out_(out), terminal_(isatty(fileno(out)) == 1) {}

  // One question, and what follows from it and the one before. Nothing when there was none before. Errors:
  // of the engine.
  Result<std::optional<MonitorView>> ask();
  void show(const MonitorView& view) { put(text_of(view)); }
  void show(const Error& error) {
    put((options_.json ? error_json(error.message()) : error.message()) + "\n");
  }

 private:
  struct Taken {
    EngineSample sample;
    Nanoseconds at;
  };

  std::string text_of(const MonitorView& view) const;
  void put(const std::string& text);

  const MonitorOptions& options_;
  const ListenAddress engine_;
  std::FILE* const out_;
  const bool terminal_;
  MonotonicClock clock_;
  std::optional<Taken> before_;
};

std::string Monitor::text_of(const MonitorView& view) const {
  if (options_.json) return view_json(view) + "\n";
  return terminal_ || options_.once ? view_text(view) : view_line(view) + "\n";
}

void Monitor::put(const std::string& text) {
  const bool over = terminal_ && !options_.json && !options_.once;
  std::fputs((over ? drawn_over(text) : text).c_str(), out_);
  std::fflush(out_);
}

Result<std::optional<MonitorView>> Monitor::ask() {
  Result<EngineSample> sample = fetch_sample(engine_);
  if (!sample) {
    before_.reset();
    return tl::unexpected(sample.error());
  }
  const Nanoseconds now = clock_.now();
  std::optional<MonitorView> view;
  if (before_) view = make_view(before_->sample, *sample, now - before_->at);
  before_ = {std::move(*sample), now};
  return view;
}

}  // namespace

Status monitor_engine(const MonitorOptions& options, std::FILE* out) {
  const Result<ListenAddress> engine = address_of(options);
  if (!engine) return tl::unexpected(engine.error());
  Monitor monitor(options, *engine, out);
  while (std::ferror(out) == 0) {
    const Result<std::optional<MonitorView>> view = monitor.ask();
    if (!view && options.once) return tl::unexpected(view.error());
    if (!view) monitor.show(view.error());
    if (view && *view) monitor.show(**view);
    if (view && *view && options.once) return {};
    sleep_for(kInterval);
  }
  return {};
}

}  // namespace penstock
