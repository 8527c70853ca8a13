// Rounds and turns.
#include "bench/paths/comparison.h"

#include <sys/utsname.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "bench/paths/search.h"
#include "bench/paths/subject.h"
#include "bench/paths/testpmd.h"

namespace penstock {
namespace {

constexpr Path kPaths[] = {Path::kKernelFilter, Path::kUserspaceFilter, Path::kIoUring, Path::kUdp};
constexpr WaitStrategy kWaits[] = {WaitStrategy::kSpin, WaitStrategy::kBlock};
constexpr double kPartialLoss = 0.005;  // what PDR allows
constexpr Nanoseconds kSearchTrial = kSecond / 2;
constexpr std::uint64_t kFirstGuess = 1'500'000;  // frames a second, for the length of the first trial

using Say = std::function<void(const std::string&)>;

class Comparing {
 public:
  Comparing(const ComparisonConfig& config, std::vector<Contestant> contestants, const Stage& stage,
            const Say& say)
      : stage_(stage), say_(say) {
    comparison_.config = config;
    utsname name{};
    uname(&name);
    comparison_.kernel = name.release;
    for (Contestant& contestant : contestants)
      comparison_.ways.push_back({.contestant = std::move(contestant)});
  }

  Result<Comparison> run() {
    if (Status s = measure_highest(); !s) return tl::unexpected(s.error());
    if (comparison_.config.search) {
      if (Status s = search(); !s) return tl::unexpected(s.error());
    }
    return std::move(comparison_);
  }

 private:
  Status measure_highest() {
    for (int round = 0; round < comparison_.config.rounds; ++round) {
      const Result<Trial> baseline = run_baseline(stage_, 0, comparison_.config.duration);
      if (!baseline) return fail("baseline", baseline.error());
      comparison_.baseline.add(nanoseconds_each(baseline->busy, baseline->offered));
      for (Measured& each : comparison_.ways) {
        const auto seen = static_cast<std::uint64_t>(each.highest.median());
        const std::uint64_t guess = seen == 0 ? kFirstGuess : seen;
        const Result<Trial> trial =
            run_trial(stage_, each.contestant.open, 0, comparison_.config.duration, guess);
        if (!trial) return fail(each.contestant.name, trial.error());
        note(each, *trial);
        say_(fmt::format(
            "round {} of {}: {} {:.2f} M/s, {:.1f} % lost, {:.0f} ns a packet over the baseline's {:.0f}",
            round + 1, comparison_.config.rounds, each.contestant.name, trial->delivered_rate() / 1e6,
            trial->lost() * 100, each.cost.values().back(), comparison_.baseline.values().back()));
      }
    }
    return {};
  }

  void note(Measured& each, const Trial& trial) const {
    each.highest.add(trial.delivered_rate());
    each.lost.add(trial.lost());
    each.cost.add(nanoseconds_each(trial.busy, trial.delivered.datagrams) -
                  comparison_.baseline.values().back());
  }

  static double nanoseconds_each(Nanoseconds time, std::uint64_t packets) {
    return static_cast<double>(time) / static_cast<double>(std::max<std::uint64_t>(1, packets));
  }

  Result<std::uint64_t> rate_with(const Contestant& contestant, double loss) {
    return highest_passing({}, [&](std::uint64_t rate) -> Result<bool> {
      const Result<Trial> trial = run_trial(stage_, contestant.open, rate, kSearchTrial);
      if (!trial) return tl::unexpected(trial.error());
      return trial->kept_rate && trial->lost() <= loss;
    });
  }

  Status search() {
    for (Measured& each : comparison_.ways) {
      const Result<std::uint64_t> ndr = rate_with(each.contestant, 0);
      if (!ndr) return fail(each.contestant.name, ndr.error());
      const Result<std::uint64_t> pdr = rate_with(each.contestant, kPartialLoss);
      if (!pdr) return fail(each.contestant.name, pdr.error());
      each.ndr = *ndr;
      each.pdr = std::max(*pdr, *ndr);
      say_(fmt::format("search: {} NDR {:.2f} M/s, PDR {:.2f} M/s", each.contestant.name,
                       static_cast<double>(*ndr) / 1e6, static_cast<double>(each.pdr) / 1e6));
    }
    return {};
  }

  const Stage& stage_;
  const Say& say_;
  Comparison comparison_;
};

}  // namespace

Result<std::vector<Contestant>> who_takes_part(std::span<const std::string> names,
                                               const SubjectConfig& subject) {
  std::vector<Contestant> all;
  const auto config_of = [subject](const Stage& stage) {
    SubjectConfig config = subject;
    config.port = stage.config().port;
    config.cpu = stage.config().receiver_cpu;
    return config;
  };
  for (const Path path : kPaths) {
    for (const WaitStrategy wait : kWaits) {
      const Way way{path, wait};
      all.push_back({way.name(), [way, config_of](const Stage& stage) {
                       return open_engine(stage.receiver(), way, config_of(stage));
                     }});
    }
  }
  if (names.empty()) return all;
  all.push_back({"testpmd/spin", [config_of](const Stage& stage) {
                   return open_testpmd(stage.receiver(), config_of(stage));
                 }});
  std::vector<Contestant> chosen;
  for (const std::string& name : names) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Contestant& each) { return each.name == name; });
    if (found == all.end()) {
      return fail("nobody is called " + name, 0,
                  "kernel_filter, userspace_filter, io_uring or udp, then /spin or /block; or testpmd/spin");
    }
    chosen.push_back(*found);
  }
  return chosen;
}

Result<Comparison> compare(const ComparisonConfig& config, const Say& progress) {
  Result<std::vector<Contestant>> contestants = who_takes_part(config.names, config.subject);
  if (!contestants) return tl::unexpected(contestants.error());
  const Result<Stage> stage = Stage::create(config.stage);
  if (!stage) return tl::unexpected(stage.error());
  return Comparing(config, std::move(*contestants), *stage, progress).run();
}

}  // namespace penstock
