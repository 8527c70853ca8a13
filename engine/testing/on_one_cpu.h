// Keeps the calling thread on one CPU, the lowest that it may run on, until the object goes: on a veth NAPI
// then runs there too.
//
// Thread safety: the thread that made it.
#pragma once

#include <sched.h>

#include <gtest/gtest.h>

namespace penstock {

class OnOneCpu {
 public:
  OnOneCpu() {
    CPU_ZERO(&all_);
    EXPECT_EQ(sched_getaffinity(0, sizeof(all_), &all_), 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(lowest(), &one);
    EXPECT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  }
  ~OnOneCpu() { EXPECT_EQ(sched_setaffinity(0, sizeof(all_), &all_), 0); }
  OnOneCpu(const OnOneCpu&) = delete;
  OnOneCpu& operator=(const OnOneCpu&) = delete;

  static int lowest() {
    cpu_set_t all;
    CPU_ZERO(&all);
    EXPECT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
    int cpu = 0;
    while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &all))
      ++cpu;
    return cpu;
  }

 private:
  cpu_set_t all_;
};

}  // namespace penstock
