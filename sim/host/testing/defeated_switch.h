// A fault planted in an engine that runs: its dead-man's switch is kept from tripping, as if both of its
// tiles went round for ever. For tests that must see what the switch is good for.
//
// Writes the engine's clocks into the XDP program's memory, found from the interface that the program is
// attached to. A tile that goes round writes its own again.
//
// Needs CAP_BPF and CAP_SYS_ADMIN. Thread safety: none.
#pragma once

#include "engine/base/result.h"
#include "sim/topology/veth.h"

namespace penstock::testing {

// Until a tile goes round again, take_all takes every frame.
Status defeat_switch(const VethTopology::End& end);

}  // namespace penstock::testing
