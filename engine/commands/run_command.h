// `penstock run`: the receiver as its own process.
//
//   supervising   signals, status line, counters file, watchdog of the others (engine/tiles/watchdog.h)
//   pen-net       polls the receiver, publishes into a link a port (engine/tiles/net_thread.h, port_links.h)
//   pen-sink      reads the links and counts (engine/tiles/sink_tile.h); else pen-net does it
//   pen-return    the userspace filter's way back to the host (engine/tiles/return_path.h)
//   pen-http      /metrics, /healthz, /readyz (metrics_endpoint.h)
//
// stdout: one line "penstock: receiving on IFACE: PATH, MODE, ..." when the interface is attached, and not
// before; on a terminal then a status line every second. stderr: why the path is less than what was asked
// for, warnings, when a restart would receive by a faster way, and the totals at the end.
//
// Under a service manager (engine/service/service_manager.h; systemd's Type=notify): READY=1 when the line
// above is said, STATUS= with its words or the tiles that stand still, STOPPING=1. WATCHDOG=1 comes from the
// loop that has just judged the tiles: it ends when that loop hangs. A tile that stands still does not end
// it: that is for on_stall to decide, and quicker.
//
// An interface that goes away is waited for (on_gone), with an engine on those that are there, if there are
// further ones. Each time that one goes or comes back a new engine takes over, with counters that begin anew.
//
// A tile that stands still is said on stderr and counted as tile_stalls within a second. With on_stall =
// "exit" the counters are then written and the process ends with kStalledStatus, without joining the thread.
//
// Before any of that it shuts itself in (shut_in.h): a child, "pen-broker", keeps the capabilities, and a
// system call that its list does not allow ends it with kRefusedStatus (engine/confine/refused_call.h).
//
// Signals: SIGTERM and SIGINT stop it cleanly: detached, what had come in consumed and handed back, counters
// written. SIGUSR1 writes the counters. SIGHUP has the file read anew (config_file.h). Everything else,
// SIGKILL too, leaves nothing behind.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/result.h"

namespace penstock {

// Exit status when a tile stood still and the configuration says that this ends it (threads.on_stall).
inline constexpr int kStalledStatus = 3;

struct RunOptions {
  std::filesystem::path config;
  std::uint32_t look_again_seconds = 30;  // whether a faster way has become free (better_way.h)
  std::string control{};                  // where it takes commands (engine/control); empty: nowhere
  std::filesystem::path counters{};       // Prometheus text, written at the end and on SIGUSR1; empty: none
};

// Returns when it was stopped. Errors: what kept it from starting, or ended it.
Status run_engine(const RunOptions& options);

}  // namespace penstock
