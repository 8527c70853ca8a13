// Options and the closing line of generate.
#include "sim/commands/generate_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/clock.h"
#include "engine/shred/base58.h"
#include "sim/commands/generate.h"
#include "sim/commands/progress.h"
#include "sim/commands/report_run.h"
#include "sim/scenario/path_run.h"

namespace penstock {

void add_generate(CLI::App& app, GenerateOptions& options) {
  CLI::App* generate =
      app.add_subcommand("generate", "Write a profile's workload to a pcapng file; needs no privilege.");
  generate->add_option("profile", options.profile, "profile, by name")->required();
  generate->add_option("--seed", options.seed, "same seed, same bytes")->required();
  generate->add_option("--slots", options.slots, "how many slots")->capture_default_str();
  generate->add_option("--out", options.out, "the file, .pcapng")->required();
  generate->add_option("--port", options.port, "UDP port of the shreds")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  generate
      ->add_option("--shreds", options.shreds,
                   "signed by a leader made from the seed, or only shaped like it")
      ->check(CLI::IsMember({"signed", "unsigned"}))
      ->capture_default_str();
  CLI::Option* entries =
      generate->add_option("--golden-entries", options.entries, "demo-shreds.bin, for fd-golden");
  CLI::Option* keys = generate->add_option("--golden-keys", options.keys, "demo-shreds.key, for fd-golden");
  entries->needs(keys);
  keys->needs(entries);
  generate->add_flag("--quiet", options.quiet, "no progress");
}

int generate(const GenerateOptions& options) {
  WorkloadRecipe recipe{
      .profile = options.profile,
      .seed = options.seed,
      .slots = options.slots,
      .link = path_link(),
      .tvu_port = options.port,
      .content = options.shreds == "signed" ? ShredContent::kSigned : ShredContent::kUnsigned};
  if (!options.entries.empty()) recipe.golden = GoldenFiles{options.entries, options.keys};
  const auto made = [&] {
    ProgressLine line(!options.quiet);
    return generate_capture(recipe, options.out,
                            [&line](const std::string& phase, std::uint64_t done, std::uint64_t of) {
                              line.show({.phase = phase, .done = done, .of = of, .unit = "FEC sets"});
                            });
  }();
  if (!made) return complain(made.error(), kUsageStatus);
  const Workload& workload = made->workload;
  fmt::print("{}: {} frames, {} bytes, {:.3f} s, UDP port {}{}\n", options.out, workload.frames().size(),
             workload.bytes(), static_cast<double>(workload.duration()) / kSecond, options.port,
             made->leader ? ", leader " + to_base58(*made->leader) : "");
  return 0;
}

}  // namespace penstock
