// The engine's process shut in: no capability, and no system call but those that allowed_calls.h has a reason
// for. What it still wants of the kernel that takes a capability it asks of another process
// (engine/privilege).
//
//   confine_process()   once, before any thread is started: capabilities given up but CAP_IPC_LOCK, where it
//                       had that (capabilities.h); the engine's list from here on, for every later thread
//   confine_tile()      each tile's thread, before its first step: no capability at all, and the tiles' list,
//                       which opens no file and no socket
//   confine_helper()    a thread beside the tiles: no capability; the engine's list stays
//   confine_broker()    the broker's process: capabilities kept, its own list from here on
//
// Where the process is not confined the other two do nothing: a library's user decides.
//
// What it is worth: threads share their memory, so who takes over a tile can have another thread make
// calls of the longer list. The process is the wall: no program or module is loaded, no interface changed, no
// process started, traced or killed, no other file system or namespace seen. The tiles' list makes the
// first step harder, and any call that should not be there visible at once.
//
// Under sanitizers there are no lists: their runtimes make calls of their own.
//
// Thread safety: confine_process() before others run; the rest from any thread.
#pragma once

#include "engine/base/result.h"

namespace penstock {

struct ConfinementOptions {
  bool io_uring = false;  // the path io_uring may be taken
};

Status confine_process(const ConfinementOptions& options);
Status confine_tile();
Status confine_helper();
Status confine_broker();

// Whether this build has the lists.
bool confinement_has_lists();

}  // namespace penstock
