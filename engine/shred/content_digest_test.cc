// Against a value made with Python's hashlib, and through a resolver.
#include "engine/shred/content_digest.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using testing::make_signed_set;
using testing::SetPlan;
using testing::SignedSet;

// The bytes 0, 1, ... 255, 0, ... as a shred of this variant.
std::vector<std::byte> ramp(std::uint8_t variant) {
  std::vector<std::byte> shred(layout_of(variant).total);
  for (std::size_t i = 0; i < shred.size(); ++i)
    shred[i] = static_cast<std::byte>(i);
  shred[kVariantOffset] = static_cast<std::byte>(variant);
  return shred;
}

ContentDigest digest_of(const SignedSet& set) {
  ContentDigest digest;
  for (const std::vector<std::byte>& shred : set.shreds)
    digest.add(shred);
  return digest;
}

struct Receiver {
  ContentRecorder recorder;
  FixedLeader leader{public_key_of(testing::test_leader(0))};
  FecResolver resolver{FecResolverConfig{}, &leader, &recorder};
};

// s = bytearray(i % 256 for i in range(1203)); s[64] = 0x96
// "1:" + hashlib.sha256(len(s).to_bytes(4, "big") + s).hexdigest()
// and for 0xb6 with s[-64:] = bytes(64)
TEST(ContentDigest, IsThatOfPython) {
  ContentDigest chained, resigned;
  chained.add(ramp(0x96));
  resigned.add(ramp(0xb6));
  EXPECT_EQ(chained.to_string(), "1:53709b17d378f6ce7baec409de7f0c1b335d53308072d16aca7db3c92f9e61c0");
  EXPECT_EQ(resigned.to_string(), "1:557b436aca21281793d12e604b3e872736c64c8edf14464a45b028489a4b651d");
}

TEST(ContentDigest, LooksAtEveryByteButARetransmittersSignature) {
  for (const std::uint8_t variant : {0x96, 0x66, 0xb6, 0x76}) {
    const ShredLayout layout = layout_of(variant);
    ContentDigest plain;
    plain.add(ramp(variant));
    for (std::size_t i = 0; i < layout.total; ++i) {
      if (i == kVariantOffset) continue;
      std::vector<std::byte> other = ramp(variant);
      other[i] ^= std::byte{1};
      ContentDigest digest;
      digest.add(other);
      const bool ignored = layout.retransmitter_signature != 0 && i >= layout.retransmitter_signature;
      EXPECT_EQ(digest == plain, ignored) << "byte " << i << " of variant " << int{variant};
    }
  }
}

// Two hosts: one has every shred, the other half of them under another retransmitter's signature.
TEST(ContentRecorder, RebuiltShredsCountAsThoseThatCame) {
  const SignedSet sent = make_signed_set({.resigned = true});
  Receiver all, half;
  for (std::size_t i = 0; i < 64; ++i) {
    ASSERT_NE(all.resolver.add(sent.shreds[i]).outcome, ShredOutcome::kRejected);
    if (i % 2 == 0) continue;
    std::vector<std::byte> hop = sent.shreds[i];
    std::fill(hop.end() - kSignatureSize, hop.end(), std::byte{0x5a});
    ASSERT_EQ(half.resolver.add(hop).outcome, ShredOutcome::kAccepted);
  }
  EXPECT_TRUE(all.recorder.digest() == digest_of(sent));
  EXPECT_TRUE(half.recorder.digest() == digest_of(sent));
  EXPECT_EQ(all.recorder.digest().shreds(), 64u);
  EXPECT_EQ(all.recorder.never_came(), 0u) << "32 came late";
  EXPECT_EQ(half.recorder.never_came(), 32u);
  EXPECT_EQ(all.recorder.complete_sets(), 1u);
  EXPECT_EQ(half.recorder.complete_sets(), 0u);
}

TEST(ContentRecorder, ASetThatIsNotFinishedIsNoContent) {
  const SignedSet sent = make_signed_set({});
  Receiver receiver;
  for (std::size_t i = 0; i < 31; ++i)
    receiver.resolver.add(sent.shreds[i]);
  EXPECT_EQ(receiver.recorder.digest().shreds(), 0u);
  receiver.resolver.add(sent.shreds[31]);
  EXPECT_EQ(receiver.recorder.digest().shreds(), 64u);
  EXPECT_EQ(receiver.recorder.sets(), 1u);
}

TEST(ContentRecorder, ALateShredThatComesTwiceCountsOnce) {
  const SignedSet sent = make_signed_set({});
  Receiver receiver;
  for (std::size_t i = 0; i < 40; ++i)
    receiver.resolver.add(sent.shreds[i]);
  receiver.resolver.add(sent.shreds[39]);
  receiver.resolver.add(sent.shreds[0]);
  EXPECT_EQ(receiver.recorder.never_came(), 24u);
}

}  // namespace
}  // namespace penstock
