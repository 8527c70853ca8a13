// The settings (port.h) that a lab file asks of a port, in the order in which they are made: channels first,
// since rings, steering and interrupts are theirs.
//
// Thread safety: pure functions.
#pragma once

#include <vector>

#include "engine/base/result.h"
#include "sim/lab/interrupts.h"
#include "sim/lab/lab_file.h"
#include "sim/lab/setting.h"
#include "sim/topology/ethtool.h"
#include "sim/topology/offloads.h"

namespace penstock {

// As many RX and TX queues as asked for, by combined channels where the device has them. Empty for one queue
// of a device that has no channels. Errors name how many there are.
Result<std::vector<Setting>> channels_for(const EthtoolCall& device, const std::string& interface,
                                          std::uint32_t queues);

// Of the lab file alone, without channels. Errors: irq_cpus for an interface without interrupts.
Result<std::vector<Setting>> wanted_settings(const LabPort& port, const KernelFiles& files);

// The features of the device that `offloads` are about, each as asked for: what is sent is then what arrives.
Result<std::vector<Setting>> offload_features(const EthtoolCall& device, const Offloads& offloads);

}  // namespace penstock
