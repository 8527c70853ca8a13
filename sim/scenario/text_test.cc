// Numbers and markup.
#include "sim/scenario/text.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Text, GroupsDigitsByThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(123456), "123,456");
  EXPECT_EQ(grouped(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(Text, EscapesWhatMarkupWouldRead) {
  EXPECT_EQ(escaped_markup("a<b> & \"c\"\n\x01"), "a&lt;b&gt; &amp; &quot;c&quot;  ");
}

TEST(Text, CountsThings) {
  EXPECT_EQ(counted(1, "queue"), "1 queue");
  EXPECT_EQ(counted(0, "run"), "0 runs");
  EXPECT_EQ(counted(1200, "run"), "1,200 runs");
}

}  // namespace
}  // namespace penstock
