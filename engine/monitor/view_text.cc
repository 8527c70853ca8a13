// Tables for people.
#include "engine/monitor/view_text.h"

#include <utility>

#include <fmt/format.h>

#include "engine/metrics/rate_text.h"
#include "engine/monitor/printable.h"

namespace penstock {
namespace {

class Page {
 public:
  template <typename... T>
  void line(fmt::format_string<T...> format, T&&... values) {
    text_ += printable(fmt::format(format, std::forward<T>(values)...)) + "\n";
  }
  void row(const std::string& name, const Rate& rate, const std::string& note = "") {
    std::string text = fmt::format("{:<34}{:>16}{:>20}", name, grouped(rate.per_second), grouped(rate.total));
    if (!note.empty()) text += "  " + note;
    line("{}", text);
  }
  void group(const std::string& name, const std::vector<Rate>& rates) {
    Rate sum;
    for (const Rate& rate : rates) {
      sum.per_second += rate.per_second;
      sum.total += rate.total;
    }
    row(name, sum);
    for (const Rate& rate : rates)
      row("  " + rate.name, rate);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string megabits(std::uint64_t bits) {
  return fmt::format("{}.{} Mb/s", grouped(bits / 1'000'000), bits / 100'000 % 10);
}

std::string way_of(const MonitorView& view) {
  const ReceiverInfo& receiver = view.facts.receiver;
  std::string way = receiver.path + ", " + receiver.mode;
  if (receiver.sockets == 0) return way;
  return fmt::format("{}, sockets on {} of {} queues, companion {}", way, receiver.sockets,
                     view.facts.interface_queues, view.companion);
}

void add_head(Page& page, const MonitorView& view) {
  page.line("{}: {}; {}", view.interface, way_of(view),
            !view.facts.interface_up ? "interface down"
            : view.facts.ready       ? "ready"
                                     : "NOT READY");
  for (const std::string& step : view.facts.receiver.steps_down)
    page.line("  stepped down from {}", step);
  if (view.facts.receiver.better_way) page.line("  a restart would now receive by a faster way");
  if (view.restarted) page.line("  the engine was started anew");
  page.line("");
}

void add_shreds(Page& page, const ShredView& shreds) {
  page.row(fmt::format("shreds, {} checks", shreds.stage), shreds.consumed);
  for (const Rate& fate : shreds.fates)
    page.row("  " + fate.name, fate);
  page.line("FEC sets");
  for (const Rate& sets : shreds.sets)
    page.row("  " + sets.name, sets);
}

std::string hop_text(const HopView& hop, Nanoseconds at_most) {
  if (hop.samples == 0) return "-";
  if (at_most != HopView::kLongerHop)
    return grouped(static_cast<std::uint64_t>(at_most / kMicrosecond)) + " us";
  return "> " + hop_text(hop, hop_bound(kHopBuckets - 2));
}

void add_hops(Page& page, const std::vector<HopView>& hops) {
  for (const HopView& hop : hops)
    page.line("latency of the hop to {}: p50 {}, p99 {}, max {}", hop.consumer, hop_text(hop, hop.p50),
              hop_text(hop, hop.p99), hop_text(hop, hop.max));
}

// A queue's rate, and how full its ring has been; in lines of kColumns.
void add_queues(Page& page, const std::vector<QueueView>& queues) {
  constexpr std::size_t kColumns = 100;
  std::string line = "queues:";
  for (std::size_t i = 0; i < queues.size(); ++i) {
    const QueueLoad& load = queues[i].load;
    const std::uint64_t percent =
        load.entries == 0 ? 0 : (100ull * load.most_waiting + load.entries / 2) / load.entries;
    const std::string one =
        fmt::format(" {}: {}/s {} %{}", queues[i].frames.name, grouped(queues[i].frames.per_second), percent,
                    i + 1 < queues.size() ? "," : "");
    if (line.size() + one.size() > kColumns) {
      page.line("{}", line);
      line = "       ";
    }
    line += one;
  }
  if (!queues.empty()) page.line("{}", line);
}

std::string threads_of(const MonitorView& view) {
  std::string text;
  for (const ThreadView& thread : view.threads)
    text += fmt::format("{}{} {} %", text.empty() ? "" : ", ", thread.name, thread.percent);
  return text;
}

}  // namespace

std::string view_text(const MonitorView& view) {
  Page page;
  add_head(page, view);
  page.line("{:<34}{:>16}{:>20}", "", "per second", "since the start");
  if (view.device) page.row("frames at the interface", *view.device);
  for (const PortView& port : view.ports) {
    page.row(fmt::format("port {}", port.port), port.fast, megabits(port.bits_per_second));
    if (port.slow.total != 0) page.row(fmt::format("port {}, slow way", port.port), port.slow);
  }
  page.group("passed to the host", view.passed);
  page.group("lost", view.lost);
  if (view.shreds) add_shreds(page, *view.shreds);
  if (!view.outlet.empty()) page.line("outlet: shared memory");
  for (const Rate& rate : view.outlet)
    page.row("  " + rate.name, rate);
  add_hops(page, view.hops);
  add_queues(page, view.queues);
  page.line("CPU of threads: {}", threads_of(view));
  page.line("");
  if (view.why) {
    page.line("! {}", view.why->sentence);
    page.line("  {}", view.why->command);
  } else {
    page.line("datagrams come, as they should");
  }
  return page.take();
}

std::string view_line(const MonitorView& view) {
  std::string line = fmt::format("{} {}: {} datagrams/s, lost {}", view.interface, view.facts.receiver.path,
                                 grouped(datagrams_per_second(view)), grouped(total_of(view.lost)));
  if (view.why) line += fmt::format("; {}; {}", view.why->sentence, view.why->command);
  return printable(line);
}

}  // namespace penstock
