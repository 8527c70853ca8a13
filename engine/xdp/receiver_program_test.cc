// The XDP programs in the kernel, by BPF_PROG_TEST_RUN. Needs root.
#include "engine/xdp/receiver_program.h"

#include <errno.h>
#include <linux/bpf.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"
#include "engine/xdp/test_run.h"

namespace penstock {
namespace {

struct Variant {
  const char* name;
  PortMap port_map;
  Loader loader;
};

// Both port maps, both loaders, both sets of rows.
class KernelFilter : public testing::TestWithParam<Variant> {
 protected:
  static ProgramTestRun kernel_for(const ClassifierConfig& config) {
    auto kernel = ProgramTestRun::create(*Classifier::create(config), GetParam().port_map, GetParam().loader);
    EXPECT_TRUE(kernel) << kernel.error().message();
    return std::move(*kernel);
  }

  static void expect_rows(const ClassifierConfig& config, const std::vector<FrameRow>& rows) {
    const ProgramTestRun kernel = kernel_for(config);
    for (const FrameRow& row : rows) {
      const auto reason = kernel.reason(row.frame);
      ASSERT_TRUE(reason) << row.name << ": " << reason.error().message();
      EXPECT_EQ(reason_name(*reason), reason_name(row.reason)) << row.name;
      EXPECT_EQ(*kernel.run(Filter::kKernel, row.frame),
                row.reason == PENSTOCK_TAKEN ? XDP_REDIRECT : XDP_PASS)
          << row.name;
    }
  }

  static void expect_agreement_on_prefixes(const ClassifierConfig& config,
                                           const std::vector<FrameRow>& rows) {
    const Classifier classifier = *Classifier::create(config);
    const ProgramTestRun kernel = kernel_for(config);
    for (const FrameRow& row : rows) {
      for (std::size_t bytes = kTestRunMinBytes; bytes < std::min<std::size_t>(row.frame.size(), 80);
           ++bytes) {
        const std::span<const std::byte> prefix(row.frame.data(), bytes);
        ASSERT_EQ(*kernel.reason(prefix), classifier.classify(prefix).reason)
            << row.name << ", " << bytes << " bytes";
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Variants, KernelFilter,
                         testing::Values(Variant{"array", PortMap::kArray, Loader::kLibbpf},
                                         Variant{"hash", PortMap::kHash, Loader::kLibbpf},
                                         Variant{"array_direct", PortMap::kArray, Loader::kDirect},
                                         Variant{"hash_direct", PortMap::kHash, Loader::kDirect}),
                         [](const auto& info) { return info.param.name; });

TEST_P(KernelFilter, GivesEveryRowTheReasonOfTheTable) {
  expect_rows(row_classifier(), frame_rows());
  expect_rows(option_classifier(), option_rows());
}

TEST_P(KernelFilter, AgreesWithCppOnEveryPrefixOfEveryRow) {
  expect_agreement_on_prefixes(row_classifier(), frame_rows());
  expect_agreement_on_prefixes(option_classifier(), option_rows());
}

TEST_P(KernelFilter, PortsPolicyAndAddressesChangeWhileLoaded) {
  ProgramTestRun kernel = kernel_for(row_classifier());
  ClassifierConfig changed = row_classifier();
  changed.ports = {9000};
  ASSERT_TRUE(kernel.program().set_policy(*Classifier::create(changed)));
  EXPECT_EQ(*kernel.reason(taken_frame(100)), PENSTOCK_PORT);
  changed.ports = {8003};
  changed.addresses = {Ipv4Address{{10, 9, 9, 9}}};
  ASSERT_TRUE(kernel.program().set_policy(*Classifier::create(changed)));
  EXPECT_EQ(*kernel.reason(taken_frame(100)), PENSTOCK_DESTINATION);
  for (std::uint8_t last = 1; last <= 5; ++last)  // ours is the sixth: only in the hash
    changed.addresses.push_back({{10, 9, 9, last}});
  changed.addresses.push_back({{10, 1, 0, 2}});
  ASSERT_TRUE(kernel.program().set_policy(*Classifier::create(changed)));
  EXPECT_EQ(*kernel.reason(taken_frame(100)), PENSTOCK_TAKEN);
  changed.addresses.back().bytes[3] = 77;
  ASSERT_TRUE(kernel.program().set_policy(*Classifier::create(changed)));
  EXPECT_EQ(*kernel.reason(taken_frame(100)), PENSTOCK_DESTINATION);
}

TEST(KernelFilterQueues, AQueueWithoutSocketPassesAndSaysSo) {
  auto kernel = ProgramTestRun::create(*Classifier::create(row_classifier()));
  ASSERT_TRUE(kernel) << kernel.error().message();
  ASSERT_TRUE(kernel->program().clear_socket(0));
  EXPECT_EQ(*kernel->reason(taken_frame(100)), PENSTOCK_NO_SOCKET);
  EXPECT_EQ(*kernel->run(Filter::kUserspace, taken_frame(100)), static_cast<std::uint32_t>(XDP_PASS));
}

TEST(TakeAll, RedirectsEverythingThatFitsAChunk) {
  const auto kernel = ProgramTestRun::create(*Classifier::create(row_classifier()));
  ASSERT_TRUE(kernel) << kernel.error().message();
  for (const FrameRow& row : frame_rows()) {
    EXPECT_EQ(*kernel->run(Filter::kUserspace, row.frame), row.frame.size() <= 1792 ? XDP_REDIRECT : XDP_PASS)
        << row.name;
  }
}

TEST(TestRun, RefusesLengthsThatTheKernelDoesNotTake) {
  const auto kernel = ProgramTestRun::create(*Classifier::create(row_classifier()));
  ASSERT_TRUE(kernel) << kernel.error().message();
  for (const std::size_t bytes : {kTestRunMinBytes - 1, kTestRunMaxBytes + 1}) {
    const std::vector<std::byte> frame(bytes);
    const auto verdict = kernel->run(Filter::kKernel, frame);
    ASSERT_FALSE(verdict) << bytes;
    EXPECT_EQ(verdict.error().code, EINVAL);
  }
  EXPECT_TRUE(kernel->run(Filter::kKernel, std::vector<std::byte>(kTestRunMinBytes)));
  EXPECT_TRUE(kernel->run(Filter::kKernel, std::vector<std::byte>(kTestRunMaxBytes)));
}

}  // namespace
}  // namespace penstock
