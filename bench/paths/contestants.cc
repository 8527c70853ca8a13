// By name.
#include "bench/paths/contestants.h"

#include <algorithm>

#include "bench/paths/bare_sockets.h"
#include "bench/paths/testpmd.h"

namespace penstock {
namespace {

constexpr Path kPaths[] = {Path::kKernelFilter, Path::kUserspaceFilter, Path::kIoUring, Path::kUdp};
constexpr WaitStrategy kWaits[] = {WaitStrategy::kSpin, WaitStrategy::kBlock};
constexpr const char* kTestpmd = "testpmd/spin";

struct Bare {
  BareLoop loop;
  std::string name;
};
const Bare kBare[] = {{BareLoop::kRecvmmsg, "bare_recvmmsg"}, {BareLoop::kIoUring, "bare_io_uring"}};

std::vector<Contestant> everyone(const SubjectConfig& subject) {
  std::vector<Contestant> all;
  const auto config_of = [subject](const Stage& stage) {
    SubjectConfig config = subject;
    config.port = stage.config().port;
    config.cpu = stage.config().receiver_cpu;
    return config;
  };
  for (const WaitStrategy wait : kWaits) {
    for (const Path path : kPaths) {
      const Way way{path, wait};
      all.push_back(
          {.name = way.name(),
           .open = [=](const Stage& stage) { return open_engine(stage.receiver(), way, config_of(stage)); },
           .counts_host = path == Path::kKernelFilter || path == Path::kUserspaceFilter});
    }
    for (const Bare& bare : kBare) {
      all.push_back({.name = bare.name + "/" + std::string(to_string(wait)),
                     .open =
                         [=, loop = bare.loop](const Stage& stage) {
                           return open_bare(stage.receiver(), loop, wait, config_of(stage));
                         },
                     .tells_age = false});
    }
  }
  all.push_back({.name = kTestpmd,
                 .open = [=](const Stage& stage) { return open_testpmd(stage.receiver(), config_of(stage)); },
                 .takes_all = true,
                 .tells_age = false,
                 .every_queue = false});
  return all;
}

}  // namespace

std::vector<std::string> usual_names(bool peers) {
  std::vector<std::string> names;
  for (const Path path : kPaths) {
    for (const WaitStrategy wait : kWaits)
      names.push_back(Way{path, wait}.name());
  }
  if (!peers) return names;
  for (const Bare& bare : kBare) {
    for (const WaitStrategy wait : kWaits)
      names.push_back(bare.name + "/" + std::string(to_string(wait)));
  }
  if (has_testpmd()) names.emplace_back(kTestpmd);
  return names;
}

Result<std::vector<Contestant>> who_takes_part(std::span<const std::string> names,
                                               const SubjectConfig& subject) {
  const std::vector<Contestant> all = everyone(subject);
  const std::vector<std::string> wanted =
      names.empty() ? usual_names(false) : std::vector<std::string>(names.begin(), names.end());
  std::vector<Contestant> chosen;
  for (const std::string& name : wanted) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Contestant& each) { return each.name == name; });
    if (found == all.end()) {
      return fail(
          "nobody is called " + name, 0,
          "kernel_filter, userspace_filter, io_uring, udp, bare_recvmmsg or bare_io_uring, then /spin "
          "or /block; or testpmd/spin");
    }
    chosen.push_back(*found);
  }
  return chosen;
}

}  // namespace penstock
