// Following a recipe, step by step.
#include "sim/workload/recipe.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/read_file.h"
#include "sim/workload/hostile/hostile.h"
#include "sim/workload/leader_source.h"
#include "sim/workload/profiles.h"
#include "sim/workload/unsigned_source.h"

namespace penstock {
namespace {

// What the golden capture's first set is chained to: 01 02 .. 0f 00, twice.
MerkleHash golden_chained_root() {
  MerkleHash root{};
  for (std::size_t i = 0; i < root.size(); ++i)
    root[i] = static_cast<std::byte>((i + 1) % 16);
  return root;
}

Result<std::vector<std::byte>> bytes_of(const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  if (text->empty()) return fail("read " + path.string() + ": it is empty");
  const auto view = std::as_bytes(std::span(*text));
  return std::vector<std::byte>(view.begin(), view.end());
}

Result<LeaderSourceConfig> golden_config(const WorkloadRecipe& recipe) {
  if (!recipe.golden) {
    return fail("prepare fd-golden: no files of the golden capture", 0,
                "name demo-shreds.bin and demo-shreds.key of firedancer-io/firedancer");
  }
  Result<std::vector<std::byte>> entries = bytes_of(recipe.golden->entries);
  if (!entries) return tl::unexpected(entries.error());
  const Result<std::vector<std::byte>> key_bytes = bytes_of(recipe.golden->keys);
  if (!key_bytes) return tl::unexpected(key_bytes.error());
  KeyPair keys{};
  if (key_bytes->size() != keys.size()) {
    return fail("read " + recipe.golden->keys.string() + ": a key file has 64 bytes, seed and public key");
  }
  std::copy(key_bytes->begin(), key_bytes->end(), keys.begin());
  return LeaderSourceConfig{.seed = recipe.seed,
                            .first_slot = 0,
                            .version = kWorkloadShredVersion,
                            .repeated = std::move(*entries),
                            .keys = keys,
                            .first_chained_root = golden_chained_root()};
}

struct Source {
  std::unique_ptr<ShredSource> sets;
  std::optional<PublicKey> leader;
};

Result<Source> make_source(const WorkloadRecipe& recipe, const Profile& profile) {
  if (profile.content != Content::kGoldenShreds && recipe.content == ShredContent::kUnsigned) {
    return Source{
        std::make_unique<UnsignedSource>(UnsignedSourceConfig{
            .seed = recipe.seed, .sets_per_slot = profile.sets_per_slot, .version = kWorkloadShredVersion}),
        std::nullopt};
  }
  LeaderSourceConfig config{.seed = recipe.seed,
                            .version = kWorkloadShredVersion,
                            .max_index = profile.index_limit,
                            .sets_per_slot = profile.sets_per_slot};
  if (profile.content == Content::kGoldenShreds) {
    Result<LeaderSourceConfig> golden = golden_config(recipe);
    if (!golden) return tl::unexpected(golden.error());
    config = std::move(*golden);
  }
  auto leader = std::make_unique<LeaderSource>(config);
  if (leader->sets_per_slot() != profile.sets_per_slot) {
    return fail("prepare " + recipe.profile + ": the entries do not make as many sets as the profile has", 0,
                "check that the file is demo-shreds.bin");
  }
  const PublicKey key = leader->leader();
  return Source{std::move(leader), key};
}

}  // namespace

Result<PreparedWorkload> prepare_workload(const WorkloadRecipe& recipe, const GeneratorProgress& progress) {
  const Result<Profile> profile = find_profile(recipe.profile);
  if (!profile) return tl::unexpected(profile.error());
  const Result<Source> source = make_source(recipe, *profile);
  if (!source) return tl::unexpected(source.error());
  Result<Generated> generated = generate({.profile = *profile,
                                          .seed = recipe.seed,
                                          .slots = recipe.slots,
                                          .link = recipe.link,
                                          .tvu_port = recipe.tvu_port},
                                         *source->sets, progress);
  if (!generated) return tl::unexpected(generated.error());

  PreparedWorkload prepared{.workload = std::move(generated->workload),
                            .arrivals = generated->arrivals,
                            .junk = generated->junk,
                            .shred_version = kWorkloadShredVersion,
                            .leader = source->leader};
  if (!recipe.hostile.empty()) {
    const Status added = add_hostile({.seed = recipe.seed,
                                      .names = recipe.hostile,
                                      .each = recipe.hostile_each,
                                      .duration = prepared.workload.duration(),
                                      .repair_port = recipe.repair_port,
                                      .leader = source->sets.get()},
                                     generated->samples, &prepared.workload);
    if (!added) return tl::unexpected(added.error());
  }
  if (recipe.impairments) {
    const Result<ImpairmentCounts> impaired = impair(*recipe.impairments, recipe.seed, &prepared.workload);
    if (!impaired) return tl::unexpected(impaired.error());
    prepared.impaired = *impaired;
  }
  return prepared;
}

}  // namespace penstock
