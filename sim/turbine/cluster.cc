// Reading the lines.
#include "sim/turbine/cluster.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "engine/base/read_file.h"

namespace penstock {
namespace {

std::vector<std::string> words_of(std::string line) {
  line.resize(std::min(line.size(), line.find('#')));
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

Result<std::uint64_t> parse_stake(const std::string& word) {
  std::uint64_t stake = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), stake);
  if (error != std::errc() || end != word.data() + word.size() || stake > kMaxStake)
    return fail(fmt::format("stake '{}' is no number from 0 to {}", word, kMaxStake));
  return stake;
}

Result<ClusterNode> parse_node(const std::vector<std::string>& words) {
  if (words.size() != 3)
    return fail(fmt::format("{} words instead of three: NAME ADDRESS STAKE", words.size()));
  const auto address = Ipv4Address::parse(words[1]);
  if (!address) return tl::unexpected(address.error());
  const auto stake = parse_stake(words[2]);
  if (!stake) return tl::unexpected(stake.error());
  return ClusterNode{words[0], *address, *stake};
}

Status add(const std::vector<std::string>& words, Cluster* cluster) {
  const Result<ClusterNode> node = parse_node(words);
  if (!node) return tl::unexpected(node.error());
  for (const ClusterNode& other : *cluster) {
    if (other.name == node->name) return fail("a second node '" + node->name + "'");
    if (other.address == node->address) return fail("a second node at " + words[1]);
  }
  if (cluster->size() == kMaxClusterNodes) return fail(fmt::format("more than {} nodes", kMaxClusterNodes));
  cluster->push_back(*node);
  return {};
}

}  // namespace

Result<Cluster> parse_cluster(std::string_view text, const std::string& name) {
  Cluster cluster;
  std::istringstream lines{std::string(text)};
  unsigned number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    if (const Status added = add(words, &cluster); !added)
      return fail(fmt::format("{}:{}", name, number), added.error());
  }
  if (cluster.empty()) return fail(name + ": no node");
  return cluster;
}

Result<Cluster> read_cluster(const std::filesystem::path& file) {
  const Result<std::string> text = read_file(file);
  if (!text) return fail("cluster file", text.error());
  return parse_cluster(*text, file.string());
}

Result<std::size_t> find_node(const Cluster& cluster, std::string_view name) {
  const auto node = std::find_if(cluster.begin(), cluster.end(),
                                 [name](const ClusterNode& each) { return each.name == name; });
  if (node == cluster.end()) return fail(fmt::format("the cluster has no node '{}'", name));
  return static_cast<std::size_t>(node - cluster.begin());
}

}  // namespace penstock
