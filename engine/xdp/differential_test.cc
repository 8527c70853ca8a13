// Proof 2: the XDP program with either port filter, the C++ classifier and the plain model agree on the
// reason, and where they know it on the payload, for a million mutated frames. Needs root.
//
// For hours instead of seconds:
//   bazel test //engine/xdp:differential_test --test_timeout=36000 --test_arg=--frames=1000000000
#include "engine/classify/differential/differential.h"

#include <linux/bpf.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/policy_rows.h"
#include "engine/metrics/counters.h"
#include "engine/xdp/test_run.h"

namespace penstock {
namespace {

struct Flags {
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::uint64_t frames = 1'000'000;  // over all policies
  std::string policy{};              // only this one; empty: all
};

Flags flags;

constexpr std::string_view kRepeat =
    "bazel test //engine/xdp:differential_test --test_output=all --test_arg=--policy={policy} "
    "--test_arg=--seed={seed} --test_arg=--first={number} --test_arg=--frames=1";

static_assert(kMinMutatedFrame == kTestRunMinBytes && kMaxMutatedFrame == kTestRunMaxBytes);

// The program's return code must fit the reason that it counted.
Judge kernel_judge(const ClassifierConfig& config, PortMap port_map) {
  auto kernel = ProgramTestRun::create(*Classifier::create(config), port_map);
  EXPECT_TRUE(kernel) << kernel.error().message();
  auto run = std::make_shared<ProgramTestRun>(std::move(*kernel));
  return {port_map == PortMap::kArray ? "the program with an array" : "the program with a hash",
          [run](std::span<const std::byte> frame) -> Result<Opinion> {
            const Result<ProgramTestRun::Outcome> outcome = run->judge(frame);
            if (!outcome) return tl::unexpected(outcome.error());
            const bool taken = outcome->reason == PENSTOCK_TAKEN;
            if (outcome->verdict != static_cast<std::uint32_t>(taken ? XDP_REDIRECT : XDP_PASS))
              return fail("the program's verdict does not fit the reason that it counted");
            return Opinion{outcome->reason, {}};
          }};
}

std::string outputs() {
  const char* folder = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  return folder != nullptr ? folder : ".";
}

TEST(Differential, TheProgramTheCppClassifierAndThePlainModelAgree) {
  std::vector<PolicyRow> policies = policy_rows();
  if (!flags.policy.empty())
    std::erase_if(policies, [](const PolicyRow& row) { return row.name != flags.policy; });
  ASSERT_FALSE(policies.empty()) << "no policy is named " << flags.policy;

  DifferentialResult total;
  for (const PolicyRow& row : policies) {
    const DifferentialRun run{.policy = std::string(row.name),
                              .target = row.config,
                              .seed = flags.seed,
                              .first = flags.first,
                              .frames = (flags.frames + policies.size() - 1) / policies.size(),
                              .command = std::string(kRepeat),
                              .outputs = outputs()};
    const std::vector<Judge> judges = {plain_judge(row.config), cpp_judge(row.config),
                                       kernel_judge(row.config, PortMap::kArray),
                                       kernel_judge(row.config, PortMap::kHash)};
    const Result<DifferentialResult> result = run_differential(run, judges);
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->differences, 0u) << row.name;
    for (const std::string& report : result->reports)
      ADD_FAILURE() << report;
    total.frames += result->frames;
    for (std::size_t reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason)
      total.by_reason.at(reason) += result->by_reason.at(reason);
  }

  std::cout << total.frames << " frames:";
  for (std::size_t reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason)
    std::cout << " " << reason_name(reason) << " " << total.by_reason.at(reason);
  std::cout << "\n";
  if (!flags.policy.empty() || total.frames < 1'000'000) return;
  EXPECT_GE(total.by_reason[PENSTOCK_TAKEN], total.frames / 5);
  for (std::size_t reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason) {
    if (reason == PENSTOCK_NO_SOCKET || reason == PENSTOCK_ENGINE_STALLED) continue;
    EXPECT_GE(total.by_reason.at(reason), 1'000u) << reason_name(reason);
  }
}

bool read_flag(std::string_view argument, std::string_view name, std::uint64_t& into) {
  if (!argument.starts_with(name)) return false;
  const std::string_view text = argument.substr(name.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_flags(int argc, char** argv) {
  constexpr std::string_view kPolicy = "--policy=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kPolicy)) {
      flags.policy = argument.substr(kPolicy.size());
    } else if (!read_flag(argument, "--seed=", flags.seed) && !read_flag(argument, "--first=", flags.first) &&
               !read_flag(argument, "--frames=", flags.frames)) {
      std::cerr << "not understood: " << argument << "; --seed=N --first=N --frames=N --policy=NAME\n";
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!penstock::read_flags(argc, argv)) return 2;
  return RUN_ALL_TESTS();
}
