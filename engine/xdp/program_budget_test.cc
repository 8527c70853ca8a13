// Budgets of the XDP programs that do not depend on a clock: instructions that the verifier walked, which
// bounds the time to load and how far the program may still grow (the limit is a million), and
// instructions of the program itself. A change that costs more raises its bound here. Needs root.
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include <string>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/xdp/receiver_program.h"

namespace penstock {
namespace {

struct Budget {
  const char* name;
  Filter filter;
  PortMap port_map;
  std::uint32_t verified;      // instructions walked by the verifier
  std::uint32_t instructions;  // after the verifier's rewriting, 8 bytes each
};

class ProgramBudget : public testing::TestWithParam<Budget> {};

// Measured on Linux 6.18 with clang 14: 53,667 and 612, 53,667 and 604, 210 and 108; and a tenth more.
INSTANTIATE_TEST_SUITE_P(
    Programs, ProgramBudget,
    testing::Values(Budget{"filter_by_port", Filter::kKernel, PortMap::kArray, 59'000, 670},
                    Budget{"filter_by_port_hash", Filter::kKernel, PortMap::kHash, 59'000, 670},
                    Budget{"take_all", Filter::kUserspace, PortMap::kArray, 230, 120}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(ProgramBudget, IsKept) {
  const auto program = ReceiverProgram::load(*Classifier::create(row_classifier()), GetParam().port_map);
  ASSERT_TRUE(program) << program.error().message();
  bpf_prog_info info{};
  __u32 length = sizeof(info);
  ASSERT_EQ(bpf_obj_get_info_by_fd(program->program_fd(GetParam().filter), &info, &length), 0);
  EXPECT_GT(info.verified_insns, 0u);
  EXPECT_LE(info.verified_insns, GetParam().verified);
  EXPECT_GT(info.xlated_prog_len, 0u);
  EXPECT_LE(info.xlated_prog_len / 8, GetParam().instructions);
}

}  // namespace
}  // namespace penstock
