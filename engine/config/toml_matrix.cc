// Keys with several values: TomlDocument::axes and choose.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/check.h"
#include "engine/config/toml_state.h"

namespace penstock {
namespace {

using Path = std::vector<std::string>;

// A list of values, and the path of the key that they are for.
struct Leaf {
  Path path;
  toml::node* node;
};

void collect_leaves(toml::table& table, const Path& path, std::vector<Leaf>& leaves) {
  for (auto&& [key, node] : table) {
    Path below = path;
    below.emplace_back(key.str());
    if (toml::table* inner = node.as_table()) {
      collect_leaves(*inner, below, leaves);
    } else {
      leaves.push_back({std::move(below), &node});
    }
  }
}

// In the order of the file; toml++ keeps tables by name.
std::vector<Leaf> leaves_of(toml::table& root, std::string_view name) {
  std::vector<Leaf> leaves;
  if (toml::table* table = root[name].as_table()) collect_leaves(*table, {}, leaves);
  std::stable_sort(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) {
    const toml::source_position x = a.node->source().begin, y = b.node->source().begin;
    return std::pair(x.line, x.column) < std::pair(y.line, y.column);
  });
  return leaves;
}

const toml::node* find(const toml::table& root, const Path& path) {
  const toml::node* node = &root;
  for (const std::string& key : path) {
    const toml::table* table = node->as_table();
    if (table == nullptr) return node;  // a value where a table would be: in the way
    node = table->get(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

// "2", "mainnet-1x", "kernel_filter+udp"; empty for a table.
std::string word_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
  std::vector<std::string> words;
  if (const toml::array* array = node.as_array()) {
    for (const toml::node& element : *array)
      words.push_back(word_of(element));
  }
  return fmt::format("{}", fmt::join(words, "+"));
}

// Moves a node and so keeps its place in the file; a copy would lose it.
void put(toml::table& root, const Path& path, toml::node& node) {
  toml::table* table = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (!table->contains(path[i])) table->insert(path[i], toml::table{});
    table = table->get(path[i])->as_table();
    PENSTOCK_CHECK(table != nullptr);
  }
  node.visit([&](auto& typed) { table->insert_or_assign(path.back(), std::move(typed)); });
}

}  // namespace

std::vector<TomlAxis> TomlDocument::axes(std::string_view name) {
  std::vector<TomlAxis> axes;
  const auto complain = [this](const toml::node& node, std::string text) {
    state_->complaints.push_back({node.source().begin, std::move(text)});
  };
  if (const toml::node* node = state_->root.get(name); node != nullptr && !node->is_table())
    complain(*node, fmt::format("'{}' must be a table", name));
  for (const Leaf& leaf : leaves_of(state_->root, name)) {
    const std::string key = fmt::format("{}", fmt::join(leaf.path, "."));
    const toml::array* array = leaf.node->as_array();
    if (array == nullptr || array->empty()) {
      complain(*leaf.node, fmt::format("'{}' of [{}] must be a list of values", key, name));
      continue;
    }
    if (find(state_->root, leaf.path) != nullptr)
      complain(*leaf.node, fmt::format("'{}' is in [{}] and has a value of its own as well", key, name));
    TomlAxis axis{.key = key, .values = {}};
    for (const toml::node& element : *array) {
      axis.values.push_back(word_of(element));
      if (axis.values.back().empty())
        complain(element, fmt::format("'{}' of [{}]: no table, and nothing empty", key, name));
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

void TomlDocument::choose(std::string_view name, std::span<const std::size_t> chosen) {
  const std::vector<Leaf> leaves = leaves_of(state_->root, name);
  PENSTOCK_CHECK(leaves.size() == chosen.size());
  for (std::size_t i = 0; i < leaves.size(); ++i)
    put(state_->root, leaves[i].path, (*leaves[i].node->as_array())[chosen[i]]);
  state_->root.erase(name);
}

}  // namespace penstock
