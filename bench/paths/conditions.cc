// Piece by piece.
#include "bench/paths/conditions.h"

#include <sys/utsname.h>

#include <vector>

#include <fmt/format.h>

namespace penstock {
namespace {

// Of the intervals of so many values.
double confidence_of(int values) {
  Sample sample;
  for (int i = 0; i < values; ++i)
    sample.add(0);
  return sample.interval().confidence;
}

std::string queues_of(std::uint32_t queues) {
  return queues == 1 ? "one queue" : fmt::format("{} queues", queues);
}

}  // namespace

std::string kernel_release() {
  utsname name{};
  uname(&name);
  return name.release;
}

std::string conditions(const ComparisonConfig& config, const Varied& varied) {
  const StageConfig& stage = config.stage;
  std::vector<std::string> what;
  if (!varied.place) what.push_back(place_of(stage));
  if (!varied.queues) what.push_back(queues_of(stage.queues));
  if (!varied.traffic) {
    what.push_back(fmt::format("frames of {} bytes, {} % for the received port", stage.traffic.frame_bytes,
                               stage.traffic.ours_percent));
  }
  what.push_back(fmt::format("sender on CPU {}, receiver on CPU {}", stage.sender_cpu, stage.receiver_cpu));
  std::string text = fmt::format("{}; {} rounds", fmt::join(what, ", "), config.rounds);
  if (!varied.seconds) text += fmt::format(" of {:.1f} s", static_cast<double>(config.duration) / kSecond);
  if (!varied.medians)
    text += fmt::format(", medians [{:.0f} % intervals]", confidence_of(config.rounds) * 100);
  text += "; Linux " + kernel_release();
  if (!varied.ring) text += fmt::format("; RX ring {}", config.subject.rx_entries);
  return text;
}

}  // namespace penstock
