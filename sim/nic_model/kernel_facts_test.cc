// The facts on the model, also across the wrap of the rings' indices.
#include "sim/nic_model/kernel_facts.h"

#include <string>

#include <gtest/gtest.h>

#include "sim/nic_model/testing/model_stage.h"

namespace penstock {
namespace {

class KernelFacts : public testing::TestWithParam<KernelFact> {};

TEST_P(KernelFacts, HoldOnTheModel) {
  for (const std::uint32_t first_index : {0u, 0xffff'fffeu}) {
    ModelStage model(GetParam().shape, first_index);
    EXPECT_EQ(wrong_in(GetParam().script(model)), "") << first_index;
  }
}

INSTANTIATE_TEST_SUITE_P(Facts, KernelFacts, testing::ValuesIn(kernel_facts()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace penstock
