// Two bit sets in blocks of 32, named by a string set.
#include "sim/lab/ethtool_features.h"

#include <linux/ethtool.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"
#include "engine/xsk/ethtool_request.h"

namespace penstock {
namespace {

constexpr std::size_t kBlockBits = 32;

struct FeatureState {
  std::vector<std::string> names{};  // by bit
  std::vector<ethtool_get_features_block> blocks{};

  // Its bit, or none where there is no such feature that can be changed.
  std::optional<std::size_t> changeable(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    const auto bit = static_cast<std::size_t>(found - names.begin());
    if (found == names.end() || !is_set(bit, &ethtool_get_features_block::available)) return std::nullopt;
    return bit;
  }
  bool is_set(std::size_t bit, std::uint32_t ethtool_get_features_block::*which) const {
    return (blocks[bit / kBlockBits].*which >> (bit % kBlockBits) & 1) != 0;
  }
  Fields fields(std::uint32_t ethtool_get_features_block::*which) const {
    Fields fields;
    for (std::size_t bit = 0; bit < names.size(); ++bit) {
      if (!names[bit].empty() && is_set(bit, &ethtool_get_features_block::available))
        fields[names[bit]] = is_set(bit, which) ? 1 : 0;
    }
    return fields;
  }
};

Result<std::vector<std::string>> feature_names(const EthtoolCall& call) {
  const Result<std::uint32_t> count = count_of_string_set(call, ETH_SS_FEATURES, "-k");
  if (!count) return tl::unexpected(count.error());
  return read_string_set(call, ETH_SS_FEATURES, *count, "-k");
}

Result<FeatureState> read_state(const EthtoolCall& call) {
  Result<std::vector<std::string>> names = feature_names(call);
  if (!names) return tl::unexpected(names.error());
  FeatureState state{.names = std::move(*names)};
  state.blocks.resize((state.names.size() + kBlockBits - 1) / kBlockBits);
  EthtoolRequest<ethtool_gfeatures, ethtool_get_features_block> request(state.blocks.size());
  request.header() = {.cmd = ETHTOOL_GFEATURES, .size = static_cast<std::uint32_t>(state.blocks.size())};
  if (const Status got = call(request.data(), "-k"); !got) return tl::unexpected(got.error());
  std::memcpy(state.blocks.data(), request.elements(), state.blocks.size() * sizeof(state.blocks[0]));
  return state;
}

Result<Fields> read_of(const EthtoolCall& call, std::uint32_t ethtool_get_features_block::*which) {
  const Result<FeatureState> state = read_state(call);
  if (!state) return tl::unexpected(state.error());
  return state->fields(which);
}

}  // namespace

Result<Fields> read_features(const EthtoolCall& call) {
  return read_of(call, &ethtool_get_features_block::requested);
}

Result<Fields> read_active_features(const EthtoolCall& call) {
  return read_of(call, &ethtool_get_features_block::active);
}

Error no_such_feature(const Fields& there, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, on] : there)
    names.push_back(known);
  return {fmt::format("ethtool -K {}: no feature of this device that can be changed; {}", name,
                      suggest_name(name, names)),
          0, "`ethtool -k` shows what there is"};
}

Status write_features(const EthtoolCall& call, const Fields& wanted) {
  const Result<FeatureState> state = read_state(call);
  if (!state) return tl::unexpected(state.error());
  std::vector<ethtool_set_features_block> blocks(state->blocks.size());
  for (const auto& [name, on] : wanted) {
    const std::optional<std::size_t> bit = state->changeable(name);
    if (!bit)
      return tl::unexpected(no_such_feature(state->fields(&ethtool_get_features_block::requested), name));
    const std::uint32_t mask = std::uint32_t{1} << (*bit % kBlockBits);
    blocks[*bit / kBlockBits].valid |= mask;
    if (on != 0) blocks[*bit / kBlockBits].requested |= mask;
  }
  EthtoolRequest<ethtool_sfeatures, ethtool_set_features_block> request(blocks.size());
  request.header() = {.cmd = ETHTOOL_SFEATURES, .size = static_cast<std::uint32_t>(blocks.size())};
  std::memcpy(request.elements(), blocks.data(), blocks.size() * sizeof(blocks[0]));
  const std::string what = "-K " + to_text(wanted);
  if (Status done = call(request.data(), what); !done) return done;
  const Result<Fields> now = read_features(call);
  if (!now) return tl::unexpected(now.error());
  if (only(*now, wanted) != wanted)
    return fail(fmt::format("ethtool {}: it reads {} afterwards", what, to_text(only(*now, wanted))));
  return {};
}

}  // namespace penstock
