/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An example of a reader: counts what Penstock publishes and says so once a second, until the engine goes or
 * a signal comes. `penstock_example_reader SOCKET`
 *
 * Waits by sleeping 100 microseconds when there is nothing; a validator's own thread would go on with its
 * other work instead.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "engine/outlet/penstock_shreds.h"

static volatile sig_atomic_t stopped;

static void stop(int number) {
  (void)number;
  stopped = 1;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char** argv) {
  struct penstock_shreds in;
  struct penstock_shred about;
  unsigned char payload[PENSTOCK_SHREDS_CHUNK];
  uint64_t count = 0, bytes = 0, slowest = 0, told = now_ns();
  int error;

  if (argc != 2) {
    fprintf(stderr, "usage: penstock_example_reader SOCKET\n");
    return 2;
  }
  signal(SIGINT, stop);
  signal(SIGTERM, stop);
  error = penstock_shreds_open(&in, argv[1]);
  if (error != 0) {
    fprintf(stderr, "open %s: %s\n", argv[1], strerror(-error));
    return 1;
  }
  printf("reading\n");
  fflush(stdout);
  for (;;) {
    const struct timespec pause = {0, 100000};
    if (penstock_shreds_next(&in, &about, payload)) {
      const uint64_t age = now_ns() - about.taken_ns;
      if (age > slowest) slowest = age;
      ++count;
      bytes += about.length;
      continue;
    }
    if (stopped || !penstock_shreds_alive(&in)) {
      /* What was published before the engine went is still to be read. */
      if (!penstock_shreds_next(&in, &about, payload)) break;
      ++count;
      bytes += about.length;
      continue;
    }
    if (now_ns() - told > 1000000000u) {
      printf("%" PRIu64 " payloads, %" PRIu64 " bytes, %" PRIu64 " lost, slowest %" PRIu64 " us\n", count,
             bytes, in.lost, slowest / 1000);
      fflush(stdout);
      told = now_ns();
      slowest = 0;
    }
    nanosleep(&pause, NULL);
  }
  printf("ended after %" PRIu64 " payloads, %" PRIu64 " bytes, %" PRIu64 " lost\n", count, bytes, in.lost);
  penstock_shreds_close(&in);
  return 0;
}
