// A loaded BPF object in a message: its maps and programs as descriptors, its global variables as places in
// the memory of their maps, which the receiving process maps anew.
//
// Thread safety: functions.
#pragma once

#include "engine/base/result.h"
#include "engine/privilege/message.h"
#include "engine/xdp/loader/loaded_object.h"

namespace penstock {

void write_object(const LoadedObject& object, MessageWriter& to);
// The maps alone: what a program is loaded onto.
void write_maps(const LoadedObject& object, MessageWriter& to);

// Errors: EBADMSG for one that is cut off or says what cannot be; those of mapping.
Result<LoadedObject> read_object(MessageReader& from);
Result<LoadedObject> read_maps(MessageReader& from);

}  // namespace penstock
