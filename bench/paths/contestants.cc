// By name.
#include "bench/paths/contestants.h"

#include <algorithm>

#include "bench/paths/testpmd.h"

namespace penstock {
namespace {

constexpr Path kPaths[] = {Path::kKernelFilter, Path::kUserspaceFilter, Path::kIoUring, Path::kUdp};
constexpr WaitStrategy kWaits[] = {WaitStrategy::kSpin, WaitStrategy::kBlock};

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
      all.push_back(
          {.name = way.name(),
           .open = [way, config_of](
                       const Stage& stage) { return open_engine(stage.receiver(), way, config_of(stage)); },
           .counts_host = path == Path::kKernelFilter || path == Path::kUserspaceFilter});
    }
  }
  if (names.empty()) return all;
  all.push_back(
      {.name = "testpmd/spin",
       .open = [config_of](const Stage& stage) { return open_testpmd(stage.receiver(), config_of(stage)); },
       .takes_all = true,
       .tells_age = false,
       .every_queue = false});
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

}  // namespace penstock
