// Over sets that the engine's own tests make.
#include "sim/turbine/resigner.h"

#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using testing::make_signed_set;
using testing::SignedSet;

TEST(Resigner, SignsTheRootOfTheSetInEveryShred) {
  const KeyPair keys = testing::test_leader(5);
  Resigner resigner(keys);
  SignedSet set = make_signed_set({.resigned = true});
  for (std::size_t i = 0; i < set.shreds.size(); ++i) {
    const std::vector<std::byte> before = set.shreds[i];
    std::vector<std::byte>& shred = set.shreds[i];
    resigner.resign(shred);
    const auto signature = std::span<const std::byte>(shred).last<64>();
    EXPECT_TRUE(verify(public_key_of(keys), set.root, signature)) << "member " << i;
    EXPECT_TRUE(std::equal(before.begin(), before.end() - 64, shred.begin())) << "member " << i;
  }
  EXPECT_EQ(resigner.resigned(), 64u);
  EXPECT_EQ(resigner.signatures(), 1u);
}

TEST(Resigner, EachSetHasItsOwn) {
  Resigner resigner(testing::test_leader(5));
  SignedSet first = make_signed_set({.resigned = true});
  SignedSet second = make_signed_set({.fec_set_index = 32, .resigned = true, .seed = 9});
  resigner.resign(first.shreds[0]);
  resigner.resign(second.shreds[0]);
  EXPECT_TRUE(verify(public_key_of(testing::test_leader(5)), second.root,
                     std::span<const std::byte>(second.shreds[0]).last<64>()));
  EXPECT_EQ(resigner.signatures(), 2u);
}

TEST(Resigner, LeavesOtherShredsAlone) {
  Resigner resigner(testing::test_leader(5));
  SignedSet set = make_signed_set({});
  const std::vector<std::byte> before = set.shreds[40];
  resigner.resign(set.shreds[40]);
  EXPECT_EQ(set.shreds[40], before);
  EXPECT_EQ(resigner.resigned(), 0u);
}

}  // namespace
}  // namespace penstock
