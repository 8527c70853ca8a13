// Putting back what a journal says was changed.
//
// Thread safety: pure functions over a namespace.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/lab/interrupts.h"
#include "sim/lab/journal.h"
#include "sim/topology/netns.h"

namespace penstock {

struct UndoReport {
  std::vector<std::string> done;    // "eth2: rings put back to rx=512"
  std::vector<std::string> gone;    // ports that are no more, each in a sentence
  std::vector<std::string> failed;  // what could not be put back, each with its reason

  bool clean() const { return failed.empty(); }
};

// Puts the changes back, the last first, each that differs from what it was. `here`: the namespace that the
// ports were taken from. A port that is gone, or is another device now, is said so, and the rest is put back
// all the same. A setting of an interrupt that is gone went with the channel that had it.
UndoReport undo_changes(std::span<const JournalPort> ports, std::span<const Change> changes,
                        const NetNamespace& here, const KernelFiles& files = {});

// The same for what another run left; after a restart of the machine there is nothing to do.
UndoReport undo_left_over(const JournalContents& contents, const NetNamespace& here,
                          const KernelFiles& files = {});

// Which device the interface is now. Errors: ENODEV.
Result<JournalPort> identify(const NetNamespace& here, const std::string& interface);

}  // namespace penstock
