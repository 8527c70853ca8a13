// What is true of a running engine beside its counters: which way it receives and why no faster one, whether
// it is ready, what the interface itself counts, how busy its threads are. In Prometheus text beside the
// counters, so that one page answers "why do I receive nothing?".
//
// Names and help stand in the table below, as those of the counters do in counter_table.h: docs/counters.md
// is made of both, and what a dashboard or an alert names is held against both.
//
// Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/metrics/device_counters.h"
#include "engine/metrics/queue_load.h"

namespace penstock {

// X(name, type, labels, help). All names have "penstock_" before them. An info is 1 and says all by its
// labels.
#define PENSTOCK_FACTS(X)                                                                                \
  X("build_info", "gauge", "version", "The commit that the binary was built from")                       \
  X("process_id", "gauge", "", "Of the engine's process, as it sees itself")                             \
  X("ready", "gauge", "", "Whether the engine receives: open, its interface up, no tile standing still") \
  X("config_info", "gauge", "interface, companion, shred_stage, shred_version, leaders",                 \
    "What the file of `penstock run` says")                                                              \
  X("receiver_info", "gauge", "path, mode", "The way in that is in use")                                 \
  X("receiver_steps_down", "gauge", "", "Faster ways that were tried in vain at the start")              \
  X("receiver_step_down_info", "gauge", "step", "One of them, with what kept it from being used")        \
  X("receiver_better_way", "gauge", "", "Whether a restart would now receive by a faster way")           \
  X("receiver_sockets", "gauge", "", "AF_XDP sockets, each on one RX queue from queue 0 on")             \
  X("rx_queue_frames_total", "counter", "interface, queue",                                              \
    "Frames that the AF_XDP socket of an RX queue took off its ring")                                    \
  X("rx_queue_waiting", "gauge", "interface, queue",                                                     \
    "Frames that waited in this ring when its net thread looked: the most of the last 1 to 2 s")         \
  X("rx_queue_entries", "gauge", "interface, queue", "Frames with which this ring is full")              \
  X("interface_queues", "gauge", "", "RX queues of the interface")                                       \
  X("interface_up", "gauge", "", "Whether the interface is up")                                          \
  X("device_rx_packets_total", "counter", "", "Frames that the interface received, by its own count")    \
  X("device_rx_bytes_total", "counter", "", "Bytes of these")                                            \
  X("device_rx_dropped_total", "counter", "", "Frames that driver or kernel dropped there")              \
  X("device_rx_missed_total", "counter", "", "Frames for which the NIC had no descriptor")               \
  X("device_rx_errors_total", "counter", "", "Bad frames")                                               \
  X("thread_cpu_seconds_total", "counter", "thread", "Time that a thread has run on a CPU, by thread name")

using FactLabels = std::vector<std::pair<std::string, std::string>>;  // in the order of the text

struct ReceiverInfo {
  std::string path;                       // "kernel_filter", ...
  std::string mode;                       // "native copy", ...
  std::vector<std::string> steps_down{};  // the ways tried before it, each with why it was not to be had
  bool better_way = false;                // a restart would now receive by a faster one
  std::uint32_t sockets = 0;              // AF_XDP alone
  std::vector<QueueLoad> queues{};        // of these
};

struct EngineFacts {
  std::string version;
  std::uint32_t process_id = 0;  // 0: an engine that does not say
  bool ready = false;
  FactLabels config{};  // the labels of config_info
  ReceiverInfo receiver{};
  std::uint32_t interface_queues = 0;
  bool interface_up = true;
  std::optional<DeviceCounters> device{};  // none: could not be read, and is left out
  std::map<std::string, std::uint64_t> thread_times_ms{};
};

std::string engine_facts_text(const EngineFacts& facts);

// A label's value between its quotes: \ and " and line feed are escaped.
std::string escape_label(const std::string& value);

}  // namespace penstock
