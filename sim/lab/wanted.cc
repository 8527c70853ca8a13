// From the words of the file to the settings of a device.
#include "sim/lab/wanted.h"

#include <errno.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "sim/lab/ethtool_features.h"
#include "sim/lab/ethtool_numbers.h"

namespace penstock {
namespace {

template <typename T>
void put(Fields& fields, const char* name, const std::optional<T>& value) {
  if (value) fields[name] = static_cast<std::uint64_t>(*value);
}

void add(std::vector<Setting>& settings, const char* name, const Fields& fields) {
  if (!fields.empty()) settings.push_back({name, to_text(fields)});
}

bool has_part(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

// Whether the feature is of checksums on sending, of segmentation, or of merging on arrival; names by
// netdev_features_strings of the kernel.
std::optional<bool> asked_for(std::string_view feature, const Offloads& offloads) {
  if (feature.starts_with("tx-checksum-")) return offloads.tx_checksum;
  if (feature.starts_with("tx-") && has_part(feature, "segmentation")) return offloads.segmentation;
  if (feature == "rx-gro") return offloads.gro;
  // Merged by the card, or by rules of their own: never what arrived.
  if (feature == "rx-gro-hw" || feature == "rx-gro-list" || feature == "rx-lro" ||
      feature == "rx-udp-gro-forwarding")
    return false;
  return std::nullopt;
}

}  // namespace

Result<std::vector<Setting>> channels_for(const EthtoolCall& device, const std::string& interface,
                                          std::uint32_t queues) {
  const Result<Fields> most = read_limits(device, "channels");
  if (!most && most.error().code != EOPNOTSUPP) return tl::unexpected(most.error());
  const auto few = [&](std::uint64_t there) {
    return fail(fmt::format("{} queues of {}: it has at most {}", queues, interface, there), 0,
                "lower `queues` in the lab file");
  };
  if (!most) return queues == 1 ? Result<std::vector<Setting>>{} : few(1);
  if (most->at("combined") != 0) {
    if (queues > most->at("combined")) return few(most->at("combined"));
    return std::vector<Setting>{{"channels", to_text({{"rx", 0}, {"tx", 0}, {"combined", queues}})}};
  }
  const std::uint64_t there = std::min(most->at("rx"), most->at("tx"));
  if (queues > there) return few(there);
  return std::vector<Setting>{{"channels", to_text({{"rx", queues}, {"tx", queues}})}};
}

Result<std::vector<Setting>> wanted_settings(const LabPort& port, const KernelFiles& files) {
  std::vector<Setting> settings;
  Fields rings, coalesce;
  put(rings, "rx", port.rx_ring);
  put(rings, "tx", port.tx_ring);
  add(settings, "rings", rings);
  put(coalesce, "adaptive_rx", port.coalesce.adaptive_rx);
  put(coalesce, "adaptive_tx", port.coalesce.adaptive_tx);
  put(coalesce, "rx_us", port.coalesce.rx_us);
  put(coalesce, "rx_frames", port.coalesce.rx_frames);
  put(coalesce, "tx_us", port.coalesce.tx_us);
  put(coalesce, "tx_frames", port.coalesce.tx_frames);
  add(settings, "coalesce", coalesce);
  for (const std::string& name : port.features_on)
    settings.push_back({"feature " + name, "on"});
  for (const std::string& name : port.features_off)
    settings.push_back({"feature " + name, "off"});
  for (const SteeringRule& rule : port.steer)
    settings.push_back({fmt::format("steer {}", rule.port), fmt::format("queue {}", rule.queue)});
  if (port.irq_cpus.empty()) return settings;
  const Result<std::vector<std::uint32_t>> interrupts = interrupts_of(files, port.interface);
  if (!interrupts) return tl::unexpected(interrupts.error());
  for (std::size_t i = 0; i < interrupts->size(); ++i) {
    settings.push_back(
        {fmt::format("irq {}", (*interrupts)[i]), std::to_string(port.irq_cpus[i % port.irq_cpus.size()])});
  }
  return settings;
}

Result<std::vector<Setting>> offload_features(const EthtoolCall& device, const Offloads& offloads) {
  const Result<Fields> there = read_features(device);
  if (!there) return tl::unexpected(there.error());
  std::vector<Setting> settings;
  for (const auto& [name, on] : *there) {
    if (const std::optional<bool> value = asked_for(name, offloads))
      settings.push_back({"feature " + name, *value ? "on" : "off"});
  }
  return settings;
}

}  // namespace penstock
