// The same keys both ways, in one list each for the ring and for its timing.
#include "sim/simulate/plan_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/config/toml_reader.h"

namespace penstock {
namespace {

constexpr std::string_view kFilters[] = {"kernel", "userspace"};
constexpr std::string_view kScopes[] = {"all", "udp"};
constexpr std::string_view kWakings[] = {"never", "on_empty_fill"};
constexpr std::string_view kFrameKinds[] = {"ours", "other", "mutant"};

// Calls each(key, number, least, most) for every number of a plan. What a reader changes in place, a writer
// reads.
template <typename Plan, typename Each>
void each_number(Plan& plan, Each&& each) {
  auto& ring = plan.ring;
  each("ring.queues", ring.nic.queues, 1, kMostSimQueues);
  each("ring.sockets", ring.sockets, 1, kMostSimQueues);
  each("ring.rx_entries", ring.rx_entries, 4, 4096);
  each("ring.fill_frames", ring.fill_frames, 0, 8192);
  each("ring.first_index", ring.first_index, 0, UINT32_MAX);
  each("ring.return_depth", ring.return_depth, 4, 4096);
  each("ring.max_payload", ring.max_payload, 1, 1472);
  each("ring.device_ring", ring.nic.device_ring, 1, 4096);
  each("ring.budget", ring.nic.budget, 1, 64);
  each("ring.flag_delay", ring.nic.flag_delay, 0, kSecond);
  auto& timing = plan.timing;
  each("timing.interrupt", timing.interrupt, 0, kSecond);
  each("timing.wake_up", timing.wake_up, 0, kSecond);
  each("timing.per_poll", timing.per_poll, 1, kSecond);
  each("timing.per_frame", timing.per_frame, 0, kSecond);
  each("timing.per_return", timing.per_return, 0, kSecond);
  each("timing.idle_wait", timing.idle_wait, 1, kSecond);
}

std::string event_text(const SimEvent& event) {
  std::string text = fmt::format("{} {}", event.at, to_string(event.kind));
  if (event.kind != SimEventKind::kFrame) {
    const int values = event_names()[static_cast<std::size_t>(event.kind)].values;
    if (values > 0) text += fmt::format(" {}", event.a);
    if (values > 1) text += fmt::format(" {}", event.b);
    return text;
  }
  const SimFrame& frame = event.frame;
  text += fmt::format(" {} {} flow {} bytes {} number {}", kFrameKinds[static_cast<std::size_t>(frame.kind)],
                      frame.value, frame.flow, frame.bytes, frame.number);
  if (frame.cut != 0) text += fmt::format(" cut {}", frame.cut);
  if (frame.flipped_bit >= 0) text += fmt::format(" flip {}", frame.flipped_bit);
  return text;
}

// Reads the words of one event; `what` is the first thing wrong with them.
class EventReader {
 public:
  explicit EventReader(const std::string& line) : words_(line) {}

  SimEvent read() {
    SimEvent event;
    event.at = static_cast<Nanoseconds>(number("a time", INT64_MAX));
    const std::string name = word();
    const auto names = event_names();
    const auto row = std::find_if(names.begin(), names.end(),
                                  [&](const SimEventName& known) { return known.name == name; });
    if (row == names.end()) {
      reject("no event is called '" + name + "'");
      return event;
    }
    event.kind = row->kind;
    if (event.kind == SimEventKind::kFrame) event.frame = frame();
    if (row->values > 0) event.a = static_cast<std::uint32_t>(number("its value", limit_of(event.kind)));
    if (row->values > 1) event.b = static_cast<std::uint32_t>(number("its second value", UINT32_MAX));
    if (std::string rest; words_ >> rest) reject("'" + rest + "' is too much");
    return event;
  }

  const std::string& what() const { return what_; }

 private:
  static std::uint64_t limit_of(SimEventKind kind) {
    const bool port = kind == SimEventKind::kAddPort || kind == SimEventKind::kRemovePort;
    const bool queue = kind == SimEventKind::kClearSocket || kind == SimEventKind::kSetSocket;
    if (kind == SimEventKind::kSetQueues) return kMostSimQueues;
    return port ? std::size(kSimPorts) - 1 : queue ? kMostSimQueues - 1 : UINT32_MAX;
  }

  SimFrame frame() {
    SimFrame frame;
    const std::string kind = word();
    const auto known = std::find(std::begin(kFrameKinds), std::end(kFrameKinds), kind);
    if (known == std::end(kFrameKinds)) reject("no frame is called '" + kind + "'");
    frame.kind = static_cast<SimFrame::Kind>(known - std::begin(kFrameKinds));
    const bool ours = frame.kind == SimFrame::Kind::kOurs;
    frame.value = static_cast<std::uint32_t>(number("a value", ours ? std::size(kSimPorts) - 1 : 1'000'000));
    for (std::string key; what_.empty() && words_ >> key;) {
      if (key == "flow") {
        frame.flow = static_cast<std::uint16_t>(number("a flow", 60'000));
      } else if (key == "bytes") {
        frame.bytes = static_cast<std::uint16_t>(number("a length", 1472));
      } else if (key == "number") {
        frame.number = static_cast<std::uint32_t>(number("a number", UINT32_MAX));
      } else if (key == "cut") {
        frame.cut = static_cast<std::uint16_t>(number("a length", 65'535));
      } else if (key == "flip") {
        frame.flipped_bit = static_cast<std::int32_t>(number("a bit", 1'000'000));
      } else {
        reject("a frame has no '" + key + "'");
      }
    }
    return frame;
  }

  std::string word() {
    std::string word;
    words_ >> word;
    return word;
  }

  std::uint64_t number(const char* what, std::uint64_t most) {
    std::uint64_t number = 0;
    if (!(words_ >> number) || number > most) {
      reject(fmt::format("{} is missing, or above {}", what, most));
      return 0;
    }
    return number;
  }

  void reject(std::string what) {
    if (what_.empty()) what_ = std::move(what);
  }

  std::istringstream words_;
  std::string what_;
};

void read_events(TomlReader& root, SimPlan& plan) {
  for (const std::string& line : root.strings("events", {})) {
    EventReader reader(line);
    plan.events.push_back(reader.read());
    if (!reader.what().empty()) return root.reject("events", fmt::format("\"{}\": {}", line, reader.what()));
    const bool queue = plan.events.back().kind == SimEventKind::kClearSocket ||
                       plan.events.back().kind == SimEventKind::kSetSocket;
    if (queue && plan.events.back().a >= plan.ring.nic.queues)
      return root.reject("events", fmt::format("\"{}\": there is no such queue", line));
    if (plan.events.size() > 1 && plan.events.back().at < plan.events[plan.events.size() - 2].at)
      return root.reject("events", fmt::format("\"{}\": earlier than the event before it", line));
  }
}

Result<SimPlan> read(TomlDocument document) {
  SimPlan plan;
  plan.ring.classifier = sim_classifier();
  TomlReader root = document.root();
  plan.seed = static_cast<std::uint64_t>(root.integer("seed", 0, INT64_MAX));
  TomlReader ring = root.table("ring"), timing = root.table("timing");
  plan.ring.filter = static_cast<Filter>(ring.choice("filter", kFilters, 0));
  plan.ring.scope = static_cast<penstock_scope>(ring.choice("scope", kScopes, 0));
  plan.ring.nic.waking = static_cast<NicConfig::Waking>(ring.choice("waking", kWakings, 0));
  each_number(plan, [&](std::string_view key, auto& number, std::int64_t least, std::int64_t most) {
    const std::size_t dot = key.find('.');
    TomlReader& table = key.substr(0, dot) == "ring" ? ring : timing;
    using Number = std::remove_reference_t<decltype(number)>;
    number = static_cast<Number>(table.integer(key.substr(dot + 1), least, most));
  });
  const auto power_of_two = [](std::uint32_t n) { return n != 0 && (n & (n - 1)) == 0; };
  if (!power_of_two(plan.ring.rx_entries)) ring.reject("rx_entries", "not a power of two");
  if (!power_of_two(plan.ring.return_depth)) ring.reject("return_depth", "not a power of two");
  if (plan.ring.sockets > plan.ring.nic.queues) ring.reject("sockets", "more than queues");
  if (plan.ring.fill_frames > 2 * plan.ring.rx_entries)
    ring.reject("fill_frames", "more than twice rx_entries");
  read_events(root, plan);
  if (Status s = document.finish(); !s) return tl::unexpected(s.error());
  return plan;
}

}  // namespace

std::string plan_text(const SimPlan& plan, const std::string& comment) {
  std::string text;
  std::istringstream lines(comment);
  for (std::string line; std::getline(lines, line);)
    text += "# " + line + "\n";
  text += fmt::format("seed = {}\nevents = [\n", plan.seed);
  for (const SimEvent& event : plan.events)
    text += fmt::format("  \"{}\",\n", event_text(event));
  text += fmt::format("]\n\n[ring]\nfilter = \"{}\"\nscope = \"{}\"\nwaking = \"{}\"\n",
                      kFilters[static_cast<std::size_t>(plan.ring.filter)],
                      kScopes[static_cast<std::size_t>(plan.ring.scope)],
                      kWakings[static_cast<std::size_t>(plan.ring.nic.waking)]);
  std::string_view table = "ring";
  each_number(plan, [&](std::string_view key, const auto& number, std::int64_t, std::int64_t) {
    const std::size_t dot = key.find('.');
    if (key.substr(0, dot) != table) {
      table = key.substr(0, dot);
      text += fmt::format("\n[{}]  # ns\n", table);
    }
    text += fmt::format("{} = {}\n", key.substr(dot + 1), number);
  });
  return text;
}

Status write_plan(const SimPlan& plan, const std::string& comment, const std::filesystem::path& path) {
  std::ofstream file(path);
  file << plan_text(plan, comment);
  file.close();
  if (!file) return fail("write " + path.string(), errno);
  return {};
}

Result<SimPlan> read_plan(const std::filesystem::path& path) {
  Result<TomlDocument> document = TomlDocument::read(path);
  if (!document) return tl::unexpected(document.error());
  return read(std::move(*document));
}

Result<SimPlan> parse_plan(std::string_view text, std::string name) {
  Result<TomlDocument> document = TomlDocument::parse(text, std::move(name));
  if (!document) return tl::unexpected(document.error());
  return read(std::move(*document));
}

}  // namespace penstock
