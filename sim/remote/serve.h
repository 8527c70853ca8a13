// The far side: `runner remote-sender`, which a run starts on another host by ssh. It speaks protocol.h on
// standard input and output, changes nothing of the interface, and ends with its input.
//
// Needs root there. Thread safety: once a process.
#pragma once

namespace penstock {

// Exit status: 0 when the input ended, 1 after an error, which the run is told.
int serve_remote_sender();

}  // namespace penstock
