// What the tables of bursts and of loss say, of measurements that are made up.
#include <gtest/gtest.h>

#include "bench/paths/bursts.h"
#include "bench/paths/loss_curve.h"

namespace penstock {
namespace {

Sample of(double a, double b, double c) {
  Sample sample;
  for (const double value : {a, b, c})
    sample.add(value);
  return sample;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(Bursts, ARowAWayAndAColumnARing) {
  Bursts bursts{.config = {.rings = {512, 1024}}};
  bursts.cells = {{.way = "a/spin",
                   .ring = 512,
                   .largest = of(700, 600, 650),
                   .all_passed = false,
                   .rate = of(2e6, 2e6, 2e6)},
                  {.way = "a/spin", .ring = 1024, .largest = of(9e5, 9e5, 9e5), .all_passed = true},
                  {.way = "b/block", .ring = 512, .largest = of(64, 64, 64), .all_passed = false},
                  {.way = "b/block", .ring = 1024, .largest = of(0, 0, 0), .all_passed = false}};
  const std::string table = to_table(bursts);
  EXPECT_TRUE(has(table, "| 650 [600 700] | all, 900000 |")) << table;
  EXPECT_TRUE(has(table, "|          2.0 |")) << table;
  EXPECT_TRUE(has(table, "|    64 [64 64] |     0 [0 0] |")) << table;
}

TEST(LossCurve, SaysWhatTheSenderMetWhereItMissedItsRate) {
  LossCurve curve{.config = {.rates = {250'000, 4'000'000}}};
  curve.points = {{.way = "a/spin", .pps = 250'000, .lost = of(0, 0, 0)},
                  {.way = "a/spin",
                   .pps = 4'000'000,
                   .lost = of(0.1, 0.2, 0.3),
                   .offered = of(2e6, 2.5e6, 3e6),
                   .missed = 2}};
  const std::string table = to_table(curve);
  EXPECT_TRUE(has(table, "0.25 M/s")) << table;
  EXPECT_TRUE(has(table, "4 M/s |")) << table;
  EXPECT_TRUE(has(table, " 0.00 % |")) << table;
  EXPECT_TRUE(has(table, "20.00 % [10.00 30.00] at 2.50 |")) << table;
}

TEST(LossCurve, OneRoundOfThreeThatMissedIsNoiseOfTheSender) {
  LossCurve curve{.config = {.rates = {250'000}}};
  curve.points = {{.way = "a/spin", .pps = 250'000, .lost = of(0, 0, 0.5), .missed = 1}};
  EXPECT_FALSE(has(to_table(curve), " at ")) << to_table(curve);
}

}  // namespace
}  // namespace penstock
